"""`python -m deploy.grafana`: write the dashboards anew."""

from deploy.grafana.pages import FOLDER, documents

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
