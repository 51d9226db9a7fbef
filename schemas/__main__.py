"""`python -m schemas`: write the JSON Schemas and the AsyncAPI document to schemas/json."""

from schemas.export import FOLDER, documents

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
