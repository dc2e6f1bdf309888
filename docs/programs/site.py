"""What the site has besides its pages: each rule's page in its menu, and the linked examples."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

HERE = Path(__file__).parents[1]
EXAMPLES = HERE.parent / "examples"
_LINK = re.compile(r"\[([^\]]*)\]\(\.\./examples/([\w./-]+)\)")


def on_config(config: Any) -> Any:
    """Lists the pages of the rules, which are made from their code, where the menu has `Rules`."""
    pages = [f"rules/{path.name}" for path in sorted((HERE / "rules").glob("*.md"))]
    for section in config.nav:
        if isinstance(section, dict) and "Reference" in section:
            for entry in section["Reference"]:
                if "Rules" in entry:
                    entry["Rules"] = pages
    return config


def on_files(files: Files, *, config: Any) -> Files:
    """Adds the example files."""
    for path in sorted(EXAMPLES.rglob("*")):
        if path.suffix in (".py", ".yml") and "__pycache__" not in path.parts:
            name = f"examples/{path.relative_to(EXAMPLES).as_posix()}"
            files.append(File.generated(config, name, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, *, page: Any, config: Any, files: Files) -> str:
    """In the repository the examples are beside the pages' folder; on the site, in it. A folder has
    no page there."""
    above = "../" * page.file.src_uri.count("/")

    def moved(link: re.Match[str]) -> str:
        text, name = link.groups()
        return f"[{text}]({above}examples/{name})" if (EXAMPLES / name).is_file() else text

    return _LINK.sub(moved, markdown)
