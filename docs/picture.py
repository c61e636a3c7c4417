"""Take the picture of a report that stands in README.md.

    python docs/picture.py demo/report.html

It shows the answer and the view of one TF, as headless Chromium (extra `browser`) draws them. The other parts
of the page are hidden, so that the picture stays short, and 256 colours keep the file small.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).resolve().parent / "images" / "report.png"
WIDTH, HEIGHT, SCALE = 1024, 800, 1.25  # 1,280 pixels wide
SHOWN = """
  section:not(.answer, #tf), footer, #tf .scroll, .buttons { display: none !important; }
  body { padding-bottom: 8px; font-family: "Liberation Sans", Arial, sans-serif; }
  body > nav { position: static; }
"""


def main(report: Path) -> None:
    """Open the report and store the picture."""
    browsers = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=next(browsers, None), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE)
        page.goto(report.resolve().as_uri())
        page.add_style_tag(content=SHOWN)
        drawn = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
        few = drawn.quantize(method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
        few.save(PICTURE, optimize=True)
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
