//! Recordings without secrets, to be given to others.

use super::RecordedRequest;
use crate::cgi;

impl RecordedRequest {
    /// Replaces the value of a request header, or of a variable, by as many bytes `x`: the guest reads it in one piece with
    /// others, whose places must stay. Returns whether there is one.
    pub fn redact(&mut self, name: &str) -> bool {
        let header = cgi::header_variable(name);
        let variables = self.environment.iter_mut().filter(|(variable, _)| *variable == name || *variable == header);
        let mut is_there = false;
        for (variable, value) in variables {
            *value = "x".repeat(value.len());
            self.redacted.push(variable.clone());
            is_there = true;
        }
        is_there
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::recorded;

    #[test]
    fn a_header_and_a_variable_are_replaced_in_their_length() {
        let mut request = recorded("/");
        request.environment.push(("SECRET".to_owned(), "key".to_owned()));
        assert!(request.redact("cookie") && request.redact("SECRET"));
        assert!(!request.redact("Authorization") && !request.redact("secret"));
        let variables: Vec<_> = request.environment.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(variables, ["HTTP_COOKIE=xxxxxxxxx", "PATH_INFO=", "SECRET=xxx"]);
        assert_eq!(request.redacted, ["HTTP_COOKIE", "SECRET"]);
    }
}
