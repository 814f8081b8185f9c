#: exit 1
#: stderr FAILED (failures=1, skipped=1)
import sys, unittest


class Case(unittest.TestCase):
    def test_passes(self):
        self.assertEqual(1, 1)

    def test_fails(self):
        self.assertEqual(1, 2)

    @unittest.skip("not now")
    def test_skipped(self):
        pass


class Result(unittest.TextTestResult):
    def startTest(self, test):
        super().startTest(test)


unittest.TextTestRunner.run.__globals__["time"].perf_counter = lambda: 0
unittest.main()
