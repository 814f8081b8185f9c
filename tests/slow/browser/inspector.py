import urllib.request

# The list fills while it is open.
page.goto(server + "/__pywagi/?path=/")
rows = page.locator("#requests tbody tr")
expect(rows.last).to_contain_text("/")
page.get_by_label("path").fill("hostile")
expect(rows).to_have_count(0)
request = urllib.request.Request(
    server + "/?hostile=%3Cimg%3E", b"<img src=x onerror=alert(1)>", {"Cookie": "a=<b>b</b>", "X-Colour": "red"}
)
assert b"red" in urllib.request.urlopen(request).read()
expect(rows).to_have_count(1)
expect(rows.locator(".target a")).to_have_text("/?hostile=%3Cimg%3E")
expect(rows.locator(".badge")).to_have_text("200")
expect(rows.locator(".start")).to_have_text("warm")
assert page.url.endswith("?path=hostile"), page.url

# By keys: to the request, where its answer is shown without its script.
page.get_by_label("path").press("Escape")
page.keyboard.press("j")
expect(rows.first).to_have_attribute("aria-selected", "true")
page.keyboard.press("Enter")
expect(page.get_by_role("heading", level=1)).to_have_text("POST /?hostile=%3Cimg%3E")
expect(page.frame_locator("iframe").get_by_role("heading")).to_have_text("Shop")
expect(page.locator("#request")).to_contain_text("<b>b</b>")
assert page.evaluate("document.querySelectorAll('img, main b').length") == 0
first = page.url

# Sent again with another header.
page.keyboard.press("e")
headers = page.get_by_label("headers")
headers.fill(headers.input_value().replace("red", "deep blue"))
page.get_by_role("button", name="send", exact=True).click()
page.wait_for_url(lambda url: url.startswith(server + "/__pywagi/requests/") and url != first)
expect(page.locator("header")).to_contain_text("sent again from request")
expect(page.frame_locator("iframe").locator("p")).to_contain_text("deep blue")
expect(page.locator("#request")).to_contain_text("deep blue")

# What cannot be sent says why, and a line without a colon too.
second = page.url
page.get_by_role("button", name="edit and send").click()
page.get_by_label("path and query").fill("nowhere")
page.get_by_role("button", name="send", exact=True).click()
expect(page.locator("#said")).to_have_text('not sent: "nowhere" cannot be asked for: it does not begin with `/`')
page.get_by_label("headers").fill("no colon")
page.get_by_role("button", name="send", exact=True).click()
expect(page.locator("#said")).to_have_text('the line "no colon" of the headers has no colon')
page.get_by_role("button", name="send again").click()
page.wait_for_url(lambda url: url not in (first, second))

# A failure, and what copies it.
try:
    urllib.request.urlopen(server + "/broken")
except urllib.error.HTTPError as error:
    assert error.code == 500
page.keyboard.press("/")
expect(page.get_by_role("heading", level=1)).to_have_text("Requests")
expect(rows.nth(2)).to_be_visible()
for key in ["j", "x", "j", "j", "x"]:
    page.keyboard.press(key)
expect(page.get_by_role("heading", level=1)).to_have_text("Two requests")
expect(page.locator(".differs .old").first).to_be_visible()
page.get_by_role("link", name="requests", exact=True).click()
page.get_by_label("failed").check()
expect(rows).to_have_count(1)
expect(rows.locator(".why")).to_contain_text("ZeroDivisionError")
page.keyboard.press("j")
rows.locator("a").click()
expect(page.get_by_role("heading", name="ZeroDivisionError").first).to_be_visible()
page.context.grant_permissions(["clipboard-read", "clipboard-write"])
page.get_by_role("button", name="copy as curl").click()
expect(page.get_by_role("button", name="copied")).to_be_visible()
assert page.evaluate("navigator.clipboard.readText()").startswith("curl --globoff"), "a command"

# Any request is stepped through, and becomes a test.
token = (files / "token.txt").read_text()
names = iter([token, "shop"])
page.on("dialog", lambda dialog: dialog.accept(next(names)))
page.goto(second)
page.get_by_role("button", name="line before").click()
stood = page.locator("#stack .frame").first
expect(stood.locator(".current")).to_contain_text("print('<p>'")
stood.get_by_role("textbox").fill("sys.version_info[0]")
stood.get_by_role("textbox").press("Enter")
expect(stood.locator(".output")).to_have_text("3")
page.get_by_role("button", name="save as test").click()
expect(page.locator("#said")).to_contain_text("saved: tests/shop.toml")

# At any width, in the dark, and from nowhere else.
page.set_viewport_size({"width": 375, "height": 700})
page.emulate_media(color_scheme="dark")
for url in [first, second, server + "/__pywagi/"]:
    page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375, url
    loaded = page.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
    assert all([each.startswith(server) for each in loaded]), loaded

# What a preview would load is not asked for.
assert faults and all([fault.endswith("/x: csp") for fault in faults]), faults
faults.clear()
