"""Icons: a technology that is named gets its icon, and nothing gets a wrong one."""

from io import BytesIO

import pytest
from PIL import Image

from archboard.board.writing.icons import ALONE, CAPITALISED, UNMISTAKABLE, catalogue, icon_for
from archboard.renderers.pictures.icon_images import PIXELS, data_uri, picture


@pytest.mark.parametrize("name", [*UNMISTAKABLE, *CAPITALISED, *ALONE])
def test_every_name_has_a_file_in_the_catalogue(name: str) -> None:
    found, folder = icon_for(name), catalogue()
    assert folder is not None
    assert found is not None
    assert (folder / found).is_file()


@pytest.mark.parametrize(
    ("words", "icon"),
    [
        ("Redis 7, cluster mode", "onprem/inmemory/redis.png"),
        ("Postgres 16 + pgvector", "onprem/database/postgresql.png"),
        ("Go 1.22", "programming/language/go.png"),
        ("go", "programming/language/go.png"),
        ("nightly Spark job", "onprem/analytics/spark.png"),
        ("three shards of MySQL", "onprem/database/mysql.png"),
        ("aws/ml/sagemaker", "aws/ml/sagemaker.png"),
    ],
)
def test_a_named_technology_gets_its_icon(words: str, icon: str) -> None:
    assert icon_for(words) == icon


@pytest.mark.parametrize(
    "words",
    [
        "", "Go to the cache", "we go on", "spark joy", "Spark the idea", "Kafka-compatible Redpanda",
        "instead of Redis", "faster than Cassandra", "redisearch", "PyTorch on Kubernetes", "MinIO (S3 API)",
        "XGBoost int8 on ONNX Runtime", "lambda calculus", "vector search", "../../../etc/passwd", "a/b/c",
    ],
)  # fmt: skip
def test_what_is_not_named_gets_none(words: str) -> None:
    assert icon_for(words) is None


def test_an_icon_is_embedded_small_and_square() -> None:
    png = picture("onprem/inmemory/redis.png")
    assert Image.open(BytesIO(png)).size == (PIXELS, PIXELS)
    assert len(png) < 6000
    assert data_uri("onprem/inmemory/redis.png").startswith("data:image/png;base64,iVBOR")


def test_an_unknown_icon_is_nothing() -> None:
    assert (picture("no/such/icon.png"), data_uri("no/such/icon.png")) == (b"", "")
