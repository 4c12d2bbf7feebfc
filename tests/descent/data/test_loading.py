import pytest
import torch
from torch.utils.data import DataLoader

import descent.data
from descent.data import describe, load_mnist_data, loading, mirrors, show_data_notice, sources
from descent.data.errors import DataError
from descent.data.vision import torchvision


@pytest.fixture
def folder(mnist, monkeypatch, tmp_path):
    monkeypatch.setenv("DESCENT_DATA_DIR", str(tmp_path / "given"))
    return mnist.write(tmp_path / "given")


def test_public_names():
    assert set(descent.data.__all__) == {
        "DataError",
        "describe",
        "epoch",
        "load_mnist_data",
        "sample_minibatch",
        "show_data_notice",
        "split_validation",
    }


@pytest.mark.parametrize("dataset", ["auto", "mnist"])
def test_mnist_from_a_folder(mnist, folder, monkeypatch, dataset):
    monkeypatch.setenv("DESCENT_DATASET", dataset)
    train_set, test_set = load_mnist_data()
    for digit_set, images, labels in (
        (train_set, *list(mnist.arrays.values())[:2]),
        (test_set, *list(mnist.arrays.values())[2:]),
    ):
        assert isinstance(digit_set, torchvision.datasets.MNIST)
        assert digit_set.dataset_name == "MNIST"
        assert digit_set.data.numpy().tolist() == images.tolist()
        assert digit_set.targets.tolist() == labels.tolist()
    assert train_set.train
    assert not test_set.train


@pytest.mark.parametrize("dataset", ["mnist", "digits"])
def test_both_sets_are_normalised_with_the_training_sets_statistics(
    mnist, folder, monkeypatch, dataset
):
    monkeypatch.setenv("DESCENT_DATASET", dataset)
    raw_train, raw_test = (digit_set.data.double() / 255 for digit_set in load_mnist_data())
    mean, std = raw_train.mean(), raw_train.std()
    train_set, test_set = load_mnist_data(change_tensors=True)
    assert abs(train_set.data.mean().item()) < 1e-4
    assert abs(train_set.data.std().item() - 1) < 1e-4
    expected = (raw_test - mean) / std
    torch.testing.assert_close(test_set.data.double(), expected, rtol=1e-4, atol=1e-4)
    assert (test_set.mean, test_set.std) == (train_set.mean, train_set.std)


def test_the_test_images_of_these_tests_can_tell_whose_statistics_were_used(mnist, folder):
    _, test_set = load_mnist_data(change_tensors=True)
    assert test_set.data.mean() > 1
    assert test_set.data.std() > 1.1


@pytest.mark.parametrize("change_tensors", [False, True])
def test_batches(folder, change_tensors):
    train_set, _ = load_mnist_data(change_tensors)
    images, labels = next(iter(DataLoader(train_set, batch_size=len(train_set))))
    assert images.shape == (len(train_set), 1, 28, 28)
    assert images.dtype == torch.float32
    assert labels.dtype == torch.int64
    assert abs(images.mean().item()) < 1e-4
    assert abs(images.std().item() - 1) < 1e-4


def test_a_result_shares_nothing_with_the_next(folder):
    first, again = load_mnist_data(), load_mnist_data()
    for digit_set in first:
        digit_set.data.zero_()
        digit_set.targets.fill_(3)
    third = load_mnist_data()
    for one, other in zip(again, third, strict=True):
        assert torch.equal(one.data, other.data)
        assert torch.equal(one.targets, other.targets)
        assert one.data.max() > 0


def test_files_are_read_once_in_a_process(folder, monkeypatch):
    load_mnist_data()
    monkeypatch.setattr(loading, "find_mnist", lambda settings: pytest.fail("read again"))
    load_mnist_data(change_tensors=True)
    load_mnist_data(download=True)


def test_digits_on_request_look_nowhere_else(folder, monkeypatch, capsys):
    monkeypatch.setenv("DESCENT_DATASET", "digits")
    monkeypatch.setattr(loading, "find_mnist", lambda settings: pytest.fail("no need to look"))
    for download in (False, True):
        train_set, test_set = load_mnist_data(download=download)
        assert (len(train_set), len(test_set)) == (1500, 297)
        assert train_set.dataset_name == test_set.dataset_name == "embedded digits"
    assert capsys.readouterr().err == ""


def test_automatic_falls_back_to_the_digits_and_says_so_once(mnist, monkeypatch, capsys):
    monkeypatch.setattr(mirrors, "MIRRORS", ("http://127.0.0.1:1/",))
    for _ in range(2):
        train_set, _ = load_mnist_data()
        assert train_set.dataset_name == "embedded digits"
    told = capsys.readouterr().err
    assert told.count("the embedded digits are used") == 1
    assert "set DESCENT_DATA_DIR" in told


def test_download_insists_and_tries_again(mnist, monkeypatch, serve):
    monkeypatch.setattr(mirrors, "MIRRORS", ("http://127.0.0.1:1/",))
    assert load_mnist_data()[0].dataset_name == "embedded digits"
    with pytest.raises(DataError, match="MNIST could not be loaded"):
        load_mnist_data(download=True)
    monkeypatch.setattr(mirrors, "MIRRORS", (serve(mnist.routes()).url,))
    assert load_mnist_data()[0].dataset_name == "embedded digits"
    assert load_mnist_data(download=True)[0].dataset_name == "MNIST"
    assert load_mnist_data()[0].dataset_name == "MNIST"


def test_mnist_never_falls_back(mnist, monkeypatch):
    monkeypatch.setenv("DESCENT_DATASET", "mnist")
    for _ in range(2):
        with pytest.raises(DataError, match="DESCENT_DATASET=digits"):
            load_mnist_data()


def test_a_bad_word_is_an_error(monkeypatch):
    monkeypatch.setenv("DESCENT_DATASET", "cifar")
    with pytest.raises(DataError, match="'cifar'"):
        load_mnist_data()


def test_the_notice_names_mnist_and_counts(folder):
    assert describe(*load_mnist_data()) == (
        "Data on this page: **MNIST**, 30 training and 12 test images (LeCun et al.)."
    )


def test_the_notice_owns_up_to_the_stand_in(monkeypatch):
    monkeypatch.setenv("DESCENT_DATASET", "digits")
    text = describe(*load_mnist_data())
    for part in ("**embedded digits**", "1,797", "1,500 training and 297 test", "28 × 28"):
        assert part in text
    assert "Set `DESCENT_DATA_DIR`" in text
    assert text == describe(*load_mnist_data(change_tensors=True))


def test_the_notice_is_displayed_as_markdown(folder, monkeypatch):
    import IPython.display

    shown = []
    monkeypatch.setattr(IPython.display, "display", shown.append)
    show_data_notice(*load_mnist_data())
    assert shown[0].data.startswith("Data on this page: **MNIST**")


def test_the_published_files_if_they_are_here(published_files, monkeypatch):
    monkeypatch.setenv("DESCENT_DATASET", "mnist" if published_files else "digits")
    monkeypatch.setenv("DESCENT_DATA_DIR", str(published_files))
    train_set, test_set = load_mnist_data()
    expected = (60_000, 10_000, 0.1307, 0.3081) if published_files else (1500, 297, 0.1746, 0.3026)
    sizes = len(train_set), len(test_set)
    assert (*sizes, round(train_set.mean, 4), round(train_set.std, 4)) == expected


def test_settings_are_read_at_each_call(folder, monkeypatch):
    assert load_mnist_data()[0].dataset_name == "MNIST"
    monkeypatch.setenv("DESCENT_DATASET", "digits")
    assert load_mnist_data()[0].dataset_name == "embedded digits"
    assert sources.read_settings().dataset == "digits"


def test_another_folder_is_looked_at_anew(mnist, monkeypatch, tmp_path):
    monkeypatch.setenv("DESCENT_DATA_DIR", str(tmp_path))
    assert {digit_set.dataset_name for digit_set in load_mnist_data()} != {"MNIST"}
    monkeypatch.setenv("DESCENT_DATA_DIR", str(mnist.write(tmp_path / "given")))
    assert {digit_set.dataset_name for digit_set in load_mnist_data()} == {"MNIST"}


def test_each_set_says_whether_it_is_for_training(folder):
    train_set, test_set = load_mnist_data(change_tensors=True)
    assert (train_set.train, test_set.train) == (True, False)


def test_what_a_folder_lacks_is_listed(mnist, folder, monkeypatch):
    monkeypatch.setenv("DESCENT_DATASET", "mnist")
    first, second = mnist.names[1:3]
    for name in (first, second):
        (folder / name).unlink()
    with pytest.raises(DataError, match=f"has no {first} and no {second}"):
        load_mnist_data()


def test_a_variable_that_is_not_set_is_named(mnist, monkeypatch):
    monkeypatch.delenv("DESCENT_DATA_DIR", raising=False)
    monkeypatch.setenv("DESCENT_DATASET", "mnist")
    with pytest.raises(DataError, match=r"loaded from DESCENT_DATA_DIR \(not set\), "):
        load_mnist_data()
