import struct
import zlib

page.goto("/shop/")
page.locator("article", has_text="Tea").get_by_role("button").click()
expect(page.locator(".message")).to_have_text("Tea is in your basket.")
page.get_by_role("link", name="Basket (1)").click()
expect(page.locator("table")).to_contain_text("1 × Tea")

page.get_by_role("link", name="Add goods").click()
page.get_by_role("button", name="Add").click()
assert page.evaluate("document.querySelector('input[name=name]').validity.valueMissing")


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


header = struct.pack(">2I5B", 2, 3, 8, 2, 0, 0, 0)
pixels = zlib.compress((b"\0" + b"\xff\0\0" * 2) * 3)
(files / "cup.png").write_bytes(
    b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
)
page.get_by_label("Name").fill("Cup <é>")
page.get_by_label("Price").fill("3.20")
page.get_by_label("Picture").set_input_files(files / "cup.png")
page.get_by_role("button", name="Add").click()
expect(page.locator(".message")).to_have_text("Cup <é> is in the shop now.")
picture = page.locator("article", has_text="Cup <é>").locator("img")
expect(picture).to_be_visible()
assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [2, 3]
assert page.evaluate("document.styleSheets[0].cssRules.length") > 0
