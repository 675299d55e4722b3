"""Measure how large the values of each channel of the English model get, for `int8`.

    python -m scripts.int8_scales

Writes `pipelines/redaction/int8_scales.json`, which holds for the installed model alone. Its texts are
drawn from the words of the model itself, so that nothing but the model is needed, and the same file
comes of the same model. Takes some seconds.
"""

import json
from importlib.metadata import version
from pathlib import Path

from threadpoolctl import threadpool_limits

import pipelines.redaction
from pipelines.redaction.int8_scales import measured
from pipelines.redaction.ner import loaded
from pipelines.redaction.options import DEFAULT_MODEL, INT8_SCALES

TARGET = Path(pipelines.redaction.__file__).parent / INT8_SCALES


def main() -> None:
    """Measure the installed model and write the file."""
    with threadpool_limits(limits=1):
        scales = measured(loaded(DEFAULT_MODEL))
    document = {
        "model": DEFAULT_MODEL,
        "version": version(DEFAULT_MODEL.replace("_", "-")),
        "digest": scales.digest,
    }
    # A line for each layer.
    layers = [[float(f"{value:.4g}") for value in each] for each in scales.ranges]
    ranges = ",\n".join(f"  {json.dumps(layer)}" for layer in layers)
    head = json.dumps(document, indent=1).removesuffix("\n}")
    TARGET.write_text(f'{head},\n "ranges": [\n{ranges}\n ]\n}}\n', encoding="utf-8")
    print(TARGET)


if __name__ == "__main__":
    main()
