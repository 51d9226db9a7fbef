"""`python -m deploy.docs`: write docs/settings.md from the code."""

from deploy.docs.settings import FILE, document

if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
    print(f"{FILE} written")
