.PHONY: run test lint
PYTHON ?= python3

run:
	@$(PYTHON) dev.py run

test:
	@$(PYTHON) dev.py test

lint:
	@$(PYTHON) dev.py lint
