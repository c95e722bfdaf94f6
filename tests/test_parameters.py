import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from nncore import initialize_parameters, initialize_parameters_deep, update_parameters
from nncore.parameters import (
    MOST_MEMBERS,
    MOST_SETTINGS,
    draw_parameters,
    load_parameters,
    read_sizes,
    save_parameters,
    sizes_of,
)


def test_initialisers_seed_the_global_stream_and_leave_it_seeded() -> None:
    initialize_parameters(3, 2, 1)
    after = np.random.randn()
    stream = np.random.RandomState(1)
    stream.randn(8)
    assert after == stream.randn()
    first = initialize_parameters_deep([5, 4, 3])
    second = initialize_parameters_deep([5, 4, 3])
    np.testing.assert_array_equal(first["W1"], second["W1"])


def test_seed_none_draws_from_the_stream_as_it_stands() -> None:
    initialize_parameters_deep([5, 4, 3], seed=3)
    continued = initialize_parameters_deep([5, 4, 3], seed=None)
    stream = np.random.RandomState(3)
    stream.randn(32)
    np.testing.assert_array_equal(continued["W1"], stream.randn(4, 5) * 0.01)


def test_the_application_starts_otherwise() -> None:
    from nncore import dnn_app_utils

    ours = dnn_app_utils.initialize_parameters_deep([5, 4, 3])
    stream = np.random.RandomState(1)
    np.testing.assert_array_equal(ours["W1"], stream.randn(4, 5) / np.sqrt(5))
    np.testing.assert_array_equal(ours["W2"], stream.randn(3, 4) / np.sqrt(4))


@pytest.mark.parametrize(
    ("scale", "factor"), [("small", 0.01), ("scaled", 0.5), ("he", np.sqrt(0.5)), ("zeros", 0.0)]
)
def test_scales(scale: str, factor: float) -> None:
    parameters = draw_parameters([4, 3], scale, np.random.RandomState(0))
    expected = np.random.RandomState(0).randn(3, 4) * factor
    np.testing.assert_allclose(parameters["W1"], expected, rtol=1e-15)
    np.testing.assert_array_equal(parameters["b1"], np.zeros((3, 1)))


def test_our_own_draws_neither_read_nor_disturb_the_global_stream() -> None:
    np.random.seed(7)
    before = np.random.get_state()[1].copy()
    draw_parameters([5, 4], "he", np.random.RandomState(1))
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize("dims", [[], [5], [5, 0], [5, -1, 1], [5, 2.5, 1], [5, True]])
def test_sizes_that_make_no_network_are_refused(dims) -> None:
    with pytest.raises(ValueError, match="layer_dims"):
        initialize_parameters_deep(dims)


def test_update_goes_against_the_gradient_and_touches_nothing() -> None:
    parameters = {"W1": np.ones((2, 3)), "b1": np.zeros((2, 1))}
    grads = {"dW1": np.full((2, 3), 2.0), "db1": np.ones((2, 1)), "dA0": np.ones((3, 4))}
    for array in (*parameters.values(), *grads.values()):
        array.setflags(write=False)
    new = update_parameters(parameters, grads, 0.5)
    np.testing.assert_array_equal(new["W1"], np.zeros((2, 3)))
    np.testing.assert_array_equal(new["b1"], -0.5 * np.ones((2, 1)))
    assert set(new) == {"W1", "b1"}
    assert not any(np.shares_memory(new[name], parameters[name]) for name in new)


def test_a_flat_db_is_refused_before_it_broadcasts() -> None:
    parameters = {"W1": np.ones((3, 2)), "b1": np.zeros((3, 1))}
    with pytest.raises(
        ValueError, match=r"db1 has shape \(3,\): it needs two axes.* try db1.reshape\(-1, 1\)"
    ):
        update_parameters(parameters, {"dW1": np.ones((3, 2)), "db1": np.ones(3)}, 0.1)
    with pytest.raises(ValueError, match=r"db1 has shape \(1, 3\).*keepdims"):
        update_parameters(parameters, {"dW1": np.ones((3, 2)), "db1": np.ones((1, 3))}, 0.1)
    with pytest.raises(ValueError, match="grads has no db1"):
        update_parameters(parameters, {"dW1": np.ones((3, 2))}, 0.1)


def test_read_sizes() -> None:
    assert read_sizes("20, 7, 5") == (20, 7, 5)
    assert read_sizes(" 3 4 ") == (3, 4)
    assert read_sizes("") == read_sizes("[]") == ()
    for text in (
        "4-3-2",
        "4 – 3—2",
        "4 → 3 -> 2",
        "4 => 3→2",
        "4×3 x 2",
        "4*3*2",
        "[4, 3, 2]",
        "(4,3,2)",
    ):
        assert read_sizes(text) == (4, 3, 2)
    for text in ("20, x", "20, -3", "4-", "4--3", "4x", "0", "-3", "2.5", "1e3", "9" * 30):
        with pytest.raises(ValueError, match="is no size of a layer"):
            read_sizes(text)


def test_read_sizes_with_commas_within_numbers() -> None:
    for text in (
        "12,288-20-1",
        "12,288 → 20 → 1",
        "12,288 20 1",
        "12,288; 20; 1",
    ):
        assert read_sizes(text) == (12288, 20, 1)
    for text in ("[784,128,10]", "[784,128, 10]", "(784,128,10)", "784-128,10", "784, 128, 10"):
        assert read_sizes(text) == (784, 128, 10)
    assert read_sizes("[784,128]") == (784, 128)
    assert read_sizes("1288,20,1") == (1288, 20, 1)
    asked = ("12,288", "12,288,20,7,5,1", "20,12,288", "12,288,20-1", "12,288,100", "12,288, 20, 1")
    for text in asked:
        with pytest.raises(ValueError, match="12,288 may be one size, 12288, or two, 12 and 288"):
            read_sizes(text)
    with pytest.raises(ValueError, match="'1000000' is no size"):
        read_sizes("1,000,000-5")


def test_saved_parameters_come_back_to_the_last_bit(tmp_path: Path) -> None:
    parameters = draw_parameters([4, 3, 1], "he", np.random.RandomState(2))
    file = tmp_path / "network"
    save_parameters(file, parameters, {"seed": 2, "costs": [0.1, 0.25]})
    loaded, settings = load_parameters(file)
    assert list(loaded) == list(parameters)
    for name, array in parameters.items():
        np.testing.assert_array_equal(loaded[name], array)
    assert settings == {"seed": 2, "costs": [0.1, 0.25]}
    assert sizes_of(loaded) == (4, 3, 1)
    buffer = io.BytesIO()
    save_parameters(buffer, parameters, {})
    buffer.seek(0)
    assert set(load_parameters(buffer)[0]) == set(parameters)


def _npz(**arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _npy(header: str) -> bytes:
    text = header.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(8)


def _zip(packing: int = zipfile.ZIP_STORED, **members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def _declaring_much() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("W1.npy", bytes(200 * 2**20))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no file of saved parameters"),
        (b"PK\x03\x04 not really", "no file of saved parameters"),
        (b"hello", "no file of saved parameters"),
        (_npz(a=np.ones(3)), "it needs W1, b1"),
        (_npz(W1=np.ones((2, 2)), b1=np.ones(2)), "b1 has shape"),
        (_npz(W1=np.full((1, 2), np.nan), b1=np.ones((1, 1))), "W1 holds nan"),
        (_npz(W1=np.array([{"a": 1}], dtype=object), b1=np.ones((1, 1))), "no file of saved"),
        (_npz(W1=np.ones((1, 2)), b1=np.ones((1, 1)), settings=np.array("[1]")), "settings are a"),
        (_npz(W1=np.ones((1, 2)), b1=np.ones((1, 1)), settings=np.array("{")), "no file of saved"),
        (_npz(W1=np.ones((1, 2), np.int8), b1=np.ones((1, 1))), "W1 holds int8 values"),
        (
            _zip(W1=_npy("{'descr': '<f8', 'fortran_order': False, 'shape': (10**30, 1), }")),
            "no file",
        ),
        (_zip(W1=_npy("{[]: 1}")), "no file of saved"),
        (_zip(W1=_npy("{'descr': (")), "no file of saved"),
        (_zip(zipfile.ZIP_LZMA, W1=b"whatever"), "packed in a way"),
        (
            _npy("{'descr': '<f8', 'fortran_order': False, 'shape': (), }") + _npz(W1=np.ones(3)),
            "W1",
        ),
    ],
)
def test_what_is_no_saved_network_gets_a_sentence(content: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_parameters(io.BytesIO(content))


def test_a_file_that_declares_too_much_is_refused_before_it_is_read() -> None:
    with pytest.raises(ValueError, match="declares 209,715,200 bytes"):
        load_parameters(io.BytesIO(_declaring_much()))


def test_settings_and_lists_that_are_too_long_are_refused_before_they_are_read(
    tmp_path: Path,
) -> None:
    arrays = {"W1": np.ones((1, 2)), "b1": np.ones((1, 1))}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, settings=np.array(" " * (MOST_SETTINGS // 4 + 1)), **arrays)
    assert len(buffer.getvalue()) < 100_000  # it packs to almost nothing
    with pytest.raises(ValueError, match="its settings have 16,777,3"):
        load_parameters(io.BytesIO(buffer.getvalue()))
    many = _zip(**{f"x{k}": b"" for k in range(MOST_MEMBERS + 1)})
    for file in (io.BytesIO(many), tmp_path / "many.npz"):
        if isinstance(file, Path):
            file.write_bytes(many)
        with pytest.raises(ValueError, match="it lists 1,001 arrays; at most 1,000"):
            load_parameters(file)
    with pytest.raises(ValueError, match=r"settings have shape \(2,\)"):
        load_parameters(io.BytesIO(_npz(settings=np.array(["{}", "{}"]), **arrays)))
