"""The tables of the reading: TSV files a linguist extends without Python."""
