"""Tests of the API, by requests as clients send them: python3 -m unittest discover tests"""

import json
import os
import subprocess
import unittest

PYWAGI = os.environ.get("PYWAGI", "pywagi")


def request(path, *flags):
    """The status and the body of an answer."""
    command = [PYWAGI, "invoke", path, "--json", *flags]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    answer = json.loads(done.stdout)
    return answer["status"], json.loads(answer["body"])


def convert(**body):
    return request("/api/conversions", "-d", json.dumps(body), "-H", "Content-Type: application/json")


class TestUnits(unittest.TestCase):
    def test_units_are_listed_by_what_they_measure(self):
        status, body = request("/api/units")
        self.assertEqual((status, body["length"]), (200, ["ft", "km", "m", "mi"]))

    def test_a_unit_that_is_not_there_is_404(self):
        status, body = request("/api/units/parsec")
        self.assertEqual((status, body["detail"]), (404, "there is no unit parsec"))


class TestConversions(unittest.TestCase):
    def test_a_value_is_converted(self):
        status, body = convert(**{"value": 2, "from": "km", "to": "m"})
        self.assertEqual((status, body["result"]), (200, 2000))

    def test_units_must_fit_each_other(self):
        status, body = convert(**{"value": 2, "from": "km", "to": "kg"})
        self.assertEqual((status, body["detail"]), (422, "km is a unit of length, kg one of mass"))

    def test_the_body_must_be_whole(self):
        self.assertEqual(convert(value=2)[0], 422)


if __name__ == "__main__":
    unittest.main()
