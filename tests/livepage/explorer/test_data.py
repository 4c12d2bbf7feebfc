import base64
import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from livepage.explorer.data import check_datasets, pack, rows_at


def unpack(payload):
    """What `explorer.js` does, written from the format alone."""
    bytes_left = gzip.decompress(base64.b64decode(payload["blob"]))
    datasets = {}
    for column in payload["columns"]:
        kind = {"float32": "<f4", "int16": "<i2", "int32": "<i4", "words": "<u2"}[column["kind"]]
        count = int(np.prod(column["shape"]))
        size = np.dtype(kind).itemsize
        planes = np.frombuffer(bytes_left[: count * size], np.uint8).reshape(size, count)
        bytes_left = bytes_left[count * size :]
        values = np.ascontiguousarray(planes.T).view(kind).reshape(column["shape"])
        if "words" in column:
            values = np.array(column["words"])[values]
        datasets.setdefault(column["dataset"], {})[column["name"]] = values
    assert not bytes_left
    return datasets


@settings(deadline=None, max_examples=60)
@given(
    arrays.arrays(
        np.float64,
        arrays.array_shapes(min_dims=2, max_dims=4, max_side=5),
        elements=st.floats(-1e30, 1e30, allow_subnormal=False).filter(
            lambda number: number == 0 or abs(number) > 1e-30
        ),
    )
)
def test_numbers_keep_four_digits(array):
    [[kept]] = [columns.values() for columns in unpack(pack({"a": {"x": array}})).values()]
    np.testing.assert_allclose(kept, array, rtol=2**-13 * 1.01)


def test_whole_numbers_words_and_flags_are_kept_as_they_are():
    columns = {
        "small": np.array([[-3, 32_767]]),
        "large": np.array([[70_000, -70_000]]),
        "word": np.array([["momentum", "Adam"]]),
        "flag": np.array([[True, False]]),
    }
    kept = unpack(pack({"a": columns}))["a"]
    for name, array in columns.items():
        assert kept[name].tolist() == array.tolist()


def test_what_is_not_finite_is_missing():
    array = np.array([[1.0, np.inf, -np.inf, np.nan, 1e300]])
    kept = unpack(pack({"a": {"x": array}}))["a"]["x"]
    assert np.isnan(kept[0, 1:4]).all()
    assert [row["x"] for row in rows_at({"x": array}, [0])][1:4] == [None] * 3


def test_packing_shrinks_smooth_numbers():
    curves = np.exp(-np.linspace(0, 5, 200) * np.linspace(0.1, 2, 100)[:, None])
    assert len(pack({"a": {"loss": curves}})["blob"]) < 0.55 * curves.astype("f4").nbytes


def test_rows_are_those_of_the_setting():
    columns = check_datasets(
        {"a": {"x": np.arange(2)[None, None], "y": np.arange(12).reshape(2, 3, 2)}}, [2, 3]
    )["a"]
    assert rows_at(columns, [1, 2]) == [{"x": 0, "y": 10}, {"x": 1, "y": 11}]


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4), (1, 2, 1, 4), (4,)])
def test_a_wrong_shape_is_named(shape):
    with pytest.raises(ValueError, match=r"runs.loss has the shape .*; wanted 3 or 1 x 2 or 1 x"):
        check_datasets({"runs": {"loss": np.zeros(shape)}}, [3, 2])


def test_different_numbers_of_rows_are_refused():
    with pytest.raises(ValueError, match="the columns of runs have different numbers of rows"):
        check_datasets({"runs": {"x": np.zeros((1, 3)), "y": np.zeros((1, 4))}}, [1])


@pytest.mark.parametrize("number", [2**15 - 1, 2**15, -(2**31), 2**31, 10**12])
def test_whole_numbers_of_any_size_keep_their_value(number):
    kept = unpack(pack({"a": {"x": np.array([[1, number]])}}))["a"]["x"]
    np.testing.assert_allclose(kept, [[1, number]], rtol=2**-13)
