page.goto(server + "/broken")
expect(page.get_by_role("heading", level=1)).to_have_text("KeyError")
expect(page.locator("pre.message").first).to_have_text("'price'")

# The user's own frames are open, with what was executed marked and their variables.
own = page.locator("details.frame[open]")
expect(own).to_have_count(2)
expect(own.first.locator(".current")).to_have_text("5    return item['price']")
assert "".join(own.first.locator("mark").all_text_contents()) == "item['price']"
expect(own.first.locator("table.variables")).to_contain_text("{'cost': '<b>5</b>'}")
expect(page.locator("details.library")).to_contain_text("3 frames of libraries")
closed = page.locator("details.about", has_text="Standard error").locator("pre")
expect(closed).to_be_hidden()
page.get_by_text("Standard error").click()
expect(closed).to_contain_text("KeyError: 'price'")
assert page.evaluate("document.querySelectorAll('b').length") == 0

# A prompt answers in its frame, once the token is typed.
token = (files / "token.txt").read_text()
page.on("dialog", lambda dialog: dialog.accept(token))
prompt = own.first.get_by_role("textbox")
prompt.fill("{**item, 'price': 4}")
prompt.press("Enter")
expect(own.first.locator(".output")).to_have_text("{'cost': '<b>5</b>', 'price': 4}")
prompt.fill("item.val")
prompt.press("Tab")
expect(prompt).to_have_value("item.values")
prompt.fill("1 / 0")
prompt.press("Enter")
expect(own.first.locator(".failed")).to_contain_text("ZeroDivisionError")
prompt.press("ArrowUp")
expect(prompt).to_have_value("1 / 0")

# Back from the exception, line by line, with the variables as they were.
before = page.get_by_role("button", name="line before")
before.click()
stood = page.locator("#stack .frame").first
expect(stood.locator(".current")).to_have_text("5    return item['price']")
before.click()
expect(stood.locator(".current")).to_contain_text("print(json.loads(items")
prompt = stood.get_by_role("textbox")
prompt.fill("len(items)")
prompt.press("Enter")
expect(stood.locator(".output")).to_have_text("22")
page.get_by_role("button", name="line after").click()
expect(stood.locator(".current")).to_have_text("5    return item['price']")

# What is copied is what an issue needs.
page.context.grant_permissions(["clipboard-read", "clipboard-write"])
page.get_by_role("button", name="copy as Markdown").click()
expect(page.get_by_role("button", name="copied")).to_be_visible()
copied = page.evaluate("navigator.clipboard.readText()")
assert copied.startswith("# 500 Internal Server Error") and "`/code/broken.py`, line 10" in copied, copied
page.goto(server + "/missing")
page.get_by_role("button", name="copy the fix").click()
expect(page.get_by_role("button", name="copied")).to_be_visible()
assert page.evaluate("navigator.clipboard.readText()") == "pywagi add flask"

# The routes of a 404 lead on, at any width, in the dark.
page.set_viewport_size({"width": 375, "height": 700})
page.emulate_media(color_scheme="dark")
page.goto(server + "/nowhere")
assert page.evaluate("document.documentElement.scrollWidth") <= 375
page.get_by_role("link", name="/broken").click()
expect(page.get_by_role("heading", level=1)).to_have_text("KeyError")
# A page has its text before its style sheet, and no width without that.
page.wait_for_load_state()
assert page.evaluate("document.documentElement.scrollWidth") <= 375

# A page that is mended shows it by itself, and goes with its file.
broken = (files / "code/broken.py").read_text()
(files / "code/broken.py").write_text("print('Content-Type: text/html\\n\\n<h1>mended</h1>')\n")
expect(page.get_by_role("heading", level=1)).to_have_text("mended")
(files / "code/broken.py").write_text(broken)
expect(page.get_by_role("heading", level=1)).to_have_text("KeyError")

# Nothing is loaded from elsewhere, and nothing but the scripts has failed.
loaded = page.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
assert all([each.startswith(server) for each in loaded]), loaded
faults[:] = [each for each in faults if each not in (server + "/broken", server + "/missing")]
