//! What the self-test found, as a table.

use std::fmt;

use super::corpus::{Script, Subject};

/// The result of a self-test.
#[derive(Debug)]
pub struct Report {
    pub(super) version: String,
    pub(super) rows: Vec<Row>,
}

/// The result of one script.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) script: &'static Script,
    /// Why it did not do what it is to do, from the beginning.
    pub(super) fault: Option<String>,
    /// What it printed first.
    pub(super) detail: String,
    pub(super) warm: Warm,
}

/// How a script ran from a saved interpreter.
#[derive(Debug)]
pub(super) enum Warm {
    /// As from the beginning.
    Alike,
    /// In this way not as from the beginning.
    Differs(String),
    /// Not at all, for this reason.
    Never(String),
}

impl Report {
    /// Whether scripts run that any Python runs.
    pub fn runs_plain_scripts(&self) -> bool {
        self.plain().all(|row| row.fault.is_none())
    }

    fn plain(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.script.subject == Subject::Plain)
    }

    /// The line of the table about warm starts, and each script whose warm run differs.
    fn warm(&self) -> (bool, String, Vec<String>) {
        let (mut alike, mut never, mut differences) = (0, None, Vec::new());
        for row in &self.rows {
            match &row.warm {
                Warm::Alike => alike += 1,
                Warm::Differs(how) => differences.push(format!("{} {how}", row.script)),
                Warm::Never(why) => never = never.or(Some(why)),
            }
        }
        let total = self.rows.len();
        let text = match (alike, never) {
            (0, Some(why)) => why.clone(),
            (_, Some(why)) => {
                format!("{alike} of {total} scripts answer as from the beginning; others start there: {why}")
            }
            _ => format!("{alike} of {total} scripts answer as from the beginning"),
        };
        (alike > 0 && differences.is_empty(), text, differences)
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.options.iter().try_for_each(|option| write!(f, "{option} "))?;
        f.write_str(self.name)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |is: bool| if is { "yes" } else { "no" };
        let line = |f: &mut fmt::Formatter<'_>, name: &str, is: bool, text: &str| {
            let text = format!("  {name:<13}  {:<3}  {text}", word(is));
            writeln!(f, "{}", text.trim_end())
        };
        writeln!(f, "Python {} supports:", self.version)?;
        let (total, run) = (self.plain().count(), self.plain().filter(|row| row.fault.is_none()).count());
        line(f, "plain scripts", self.runs_plain_scripts(), &format!("{run} of {total} run"))?;
        for row in self.plain() {
            if let Some(fault) = &row.fault {
                writeln!(f, "{:22}{}: {fault}", "", row.script)?;
            }
        }
        let (is_warm, text, differences) = self.warm();
        line(f, "warm start", is_warm, &text)?;
        for difference in differences {
            writeln!(f, "{:22}{difference}", "")?;
        }
        for row in &self.rows {
            if let Subject::Feature(name) = row.script.subject {
                line(f, name, row.fault.is_none(), row.fault.as_ref().unwrap_or(&row.detail))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::corpus::SCRIPTS;
    use super::*;

    /// A report in which `rows` are as given and all other scripts are as they should be.
    fn report(rows: Vec<(usize, Option<&str>, Warm)>) -> Report {
        let row = |script| Row { script, fault: None, detail: String::new(), warm: Warm::Alike };
        let mut all: Vec<_> = SCRIPTS.iter().map(row).collect();
        for (index, fault, warm) in rows {
            all[index].fault = fault.map(str::to_owned);
            all[index].warm = warm;
        }
        Report { version: "3.13.1".to_owned(), rows: all }
    }

    fn lines(report: &Report, begin: usize, end: usize) -> Vec<String> {
        report.to_string().lines().skip(begin).take(end - begin).map(str::to_owned).collect()
    }

    #[test]
    fn all_is_supported() {
        let report = report(vec![]);
        assert!(report.runs_plain_scripts());
        let expected = [
            "Python 3.13.1 supports:",
            "  plain scripts  yes  13 of 13 run",
            "  warm start     yes  26 of 26 scripts answer as from the beginning",
            "  -I             yes",
        ];
        assert_eq!(lines(&report, 0, 4), expected);
    }

    #[test]
    fn what_is_not_supported_has_its_reason() {
        let (index, _) = SCRIPTS.iter().enumerate().find(|(_, script)| script.name == "bz2_.py").unwrap();
        let report = report(vec![
            (
                1,
                Some("AssertionError"),
                Warm::Differs("has in line 1 of stdout \"a\"; from the beginning, \"b\"".to_owned()),
            ),
            (index, Some("ModuleNotFoundError: No module named '_bz2'"), Warm::Alike),
            (13, None, Warm::Never("it is not to be".to_owned())),
        ]);
        assert!(!report.runs_plain_scripts());
        let expected = [
            "  plain scripts  no   12 of 13 run",
            "                      request.py: AssertionError",
            "  warm start     no   24 of 26 scripts answer as from the beginning; others start there: it is not to be",
            "                      request.py has in line 1 of stdout \"a\"; from the beginning, \"b\"",
            "  -I             yes",
        ];
        assert_eq!(lines(&report, 1, 6), expected);
        assert!(report.to_string().contains("\n  bz2            no   ModuleNotFoundError: No module named '_bz2'\n"));
    }

    #[test]
    fn an_interpreter_that_never_starts_warm_says_why_once() {
        let never = |index| (index, None, Warm::Never("it is another Python".to_owned()));
        let report = report((0..SCRIPTS.len()).map(never).collect());
        assert_eq!(lines(&report, 2, 3), ["  warm start     no   it is another Python"]);
    }
}
