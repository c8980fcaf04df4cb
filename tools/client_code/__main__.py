"""Write the modules of `client/src/usage_billing/api` anew: `make client`."""

from tools.client_code.modules import FOLDER, modules

if __name__ == "__main__":
    for name, text in modules().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"Wrote {FOLDER.name}/{name}")
