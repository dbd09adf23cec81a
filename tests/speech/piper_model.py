"""A small model with Piper's signature and no weights: it hums, longer for more phonemes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RATE_HZ = 22_050
SAMPLES_PER_ID = 480
"""Vietnamese has some eleven ids a syllable, pads included."""

PHONEMES = (
    "_^$ !'(),-.:;?abcdefhijklmnopqrstuvwxyzæçðøħŋœɐɑɒɓɔɕɖɗɘəɚɛɜɞɟɡɢ"
    "ɣɤɥɦɨɪɫɬɭɯɰɱɲɳɴɵɸɹɽʂʃʈʉʊʋʌʍʎʐʑʒʔˈˌːβθχ0123456789\u0327\u0303\u032a\u032f\u0329ʰg\u031d"
)


def card(**changes: Any) -> dict[str, Any]:
    """What stands in the .onnx.json of a Vietnamese voice."""
    return {
        "audio": {"sample_rate": RATE_HZ, "quality": "low"},
        "espeak": {"voice": "vi"},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_id_map": {phoneme: [number] for number, phoneme in enumerate(PHONEMES)},
        "num_symbols": 256,
        "num_speakers": 1,
        "language": {"code": "vi_VN", "family": "vi", "region": "VN"},
    } | changes


def build(*, loudness: float = 0.4, samples_per_id: int = SAMPLES_PER_ID, weights: int = 0) -> bytes:
    """The model: a tone for as long as `input_lengths` × samples × the second of `scales`, shaped [1, 1, 1, n].

    weights: so many bytes of ballast, as a real model has.
    """

    def constant(name: str, value: Any) -> onnx.TensorProto:
        return numpy_helper.from_array(np.asarray(value), name)

    nodes = [
        helper.make_node("Gather", ["scales", "one"], ["slowness"]),
        helper.make_node("Cast", ["input_lengths"], ["ids"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["ids", "slowness"], ["slow_ids"]),
        helper.make_node("Mul", ["slow_ids", "per_id"], ["count"]),
        helper.make_node("Squeeze", ["count"], ["end"]),
        helper.make_node("Range", ["start", "end", "step"], ["places"]),
        helper.make_node("Mul", ["places", "turn"], ["turns"]),
        helper.make_node("Sin", ["turns"], ["wave"]),
        helper.make_node("Mul", ["wave", "loudness"], ["hum"]),
        helper.make_node("Reshape", ["hum", "shape"], ["output"]),
    ]
    constants = [
        constant("one", np.array([1], dtype=np.int64)),
        constant("per_id", np.float32(samples_per_id)),
        constant("start", np.float32(0)),
        constant("step", np.float32(1)),
        constant("turn", np.float32(2 * np.pi * 180 / RATE_HZ)),
        constant("loudness", np.float32(loudness)),
        constant("shape", np.array([1, 1, 1, -1], dtype=np.int64)),
    ]
    if weights:
        constants.append(constant("ballast", np.arange(weights // 4, dtype=np.float32)))
        nodes.insert(0, helper.make_node("Identity", ["ballast"], ["unused"]))
    graph = helper.make_graph(
        nodes,
        "piper",
        [
            helper.make_tensor_value_info("input", TensorProto.INT64, ["batch", "phonemes"]),
            helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch"]),
            helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        ],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 1, 1, "time"])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def write(folder: Path, name: str = "vi_VN-hum-low", *, content: bytes | None = None, **changes: Any) -> Path:
    """Both files in the folder; the path of the model."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    path.write_bytes(build() if content is None else content)
    path.with_name(f"{path.name}.json").write_text(json.dumps(card(**changes), ensure_ascii=False), "utf-8")
    return path
