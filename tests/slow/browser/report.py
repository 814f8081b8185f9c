expect(page.locator("h1")).to_have_text("Report")
expect(page.get_by_role("status")).to_have_text("16 rows, 4 columns")
expect(page.get_by_role("img", name="Sum of degrees by station")).to_be_visible()
bars = page.locator("svg rect")
assert bars.count() == 4 and bars.first.bounding_box()["width"] > bars.last.bounding_box()["width"]
expect(page.get_by_label("Add up")).to_have_value("degrees")

# The page holds the data: another column needs no file.
page.get_by_label("Add up").select_option("rain")
page.get_by_role("button", name="Report").click()
expect(page.locator("h2").first).to_have_text("rain by station")
expect(page.locator("svg text").nth(1)).to_have_text("842.6")

(files / "shop.csv").write_text("kind,price\n<b>nut</b>,2.5\nbolt & co,-1\n<b>nut</b>,4\n", encoding="utf-8")
page.get_by_label("CSV file").set_input_files(files / "shop.csv")
page.get_by_role("button", name="Report").click()
expect(page.get_by_role("status")).to_have_text("3 rows, 2 columns")
expect(page.locator("h2").first).to_have_text("price by kind")
assert page.locator("svg text").all_text_contents() == ["<b>nut</b>", "6.5", "bolt & co", "-1"]
assert page.locator("table b").count() == 0
expect(page.locator("table").first).to_contain_text("<b>nut</b>")

page.get_by_label("Group by").select_option("price")
page.get_by_role("button", name="Report").click()
expect(page.locator("h2").first).to_have_text("price by price")

(files / "bad.csv").write_text("a,b\n1,2\n1,2,3\n")
page.get_by_label("CSV file").set_input_files(files / "bad.csv")
page.get_by_role("button", name="Report").click()
expect(page.get_by_role("alert")).to_have_text("The file is no table: Expected 2 fields in line 3, saw 3.")
expect(page.get_by_label("Group by")).to_be_hidden()
page.get_by_role("button", name="Report").click()
expect(page.get_by_role("alert")).to_have_text("Please choose a CSV file.")
