//! What a certificate says, as Python's `getpeercert()` gives it.

use std::net::IpAddr;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::objects::{oid_registry, oid2sn};
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Name;

/// The fields of a certificate in DER, a line each: `FIELD NAME VALUE`, separated by tabs. `subject` and `issuer` have the parts
/// of names, `subjectAltName` the names that it is for; the other fields have no name. `None` where it cannot be read.
pub fn describe(certificate: &[u8]) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let mut lines = Vec::new();
    let mut add = |field: &str, name: &str, value: &str| {
        // Nothing in a name ends a line or a field.
        let value = value.replace(['\t', '\n'], " ");
        lines.push(format!("{field}\t{name}\t{value}"));
    };
    for (field, name) in [("subject", certificate.subject()), ("issuer", certificate.issuer())] {
        for (name, value) in parts(name) {
            add(field, &name, &value);
        }
    }
    add("version", "", &(certificate.version().0 + 1).to_string());
    add("serialNumber", "", &certificate.raw_serial_as_string().replace(':', "").to_uppercase());
    add("notBefore", "", &time(certificate.validity().not_before)?);
    add("notAfter", "", &time(certificate.validity().not_after)?);
    let names = certificate.subject_alternative_name().ok().flatten();
    for name in names.iter().flat_map(|names| &names.value.general_names) {
        match name {
            GeneralName::DNSName(name) => add("subjectAltName", "DNS", name),
            GeneralName::RFC822Name(name) => add("subjectAltName", "email", name),
            GeneralName::URI(uri) => add("subjectAltName", "URI", uri),
            GeneralName::IPAddress(bytes) => add("subjectAltName", "IP Address", &address(bytes)?.to_string()),
            _ => {}
        }
    }
    Some(lines.join("\n"))
}

/// The parts of a name, with the names that OpenSSL has for them.
fn parts(name: &X509Name<'_>) -> Vec<(String, String)> {
    let long = |short: &str| {
        match short {
            "CN" => "commonName",
            "C" => "countryName",
            "L" => "localityName",
            "ST" => "stateOrProvinceName",
            "O" => "organizationName",
            "OU" => "organizationalUnitName",
            other => other,
        }
        .to_owned()
    };
    name.iter_attributes()
        .map(|part| {
            let name = oid2sn(part.attr_type(), oid_registry()).map_or_else(|_| part.attr_type().to_id_string(), long);
            (name, part.as_str().unwrap_or_default().to_owned())
        })
        .collect()
}

/// A time as OpenSSL writes it: `Jun  1 12:00:00 2026 GMT`.
fn time(time: ASN1Time) -> Option<String> {
    let time = jiff::Timestamp::from_second(time.timestamp()).ok()?;
    Some(time.strftime("%b %e %H:%M:%S %Y GMT").to_string())
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(four.into());
    }
    <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_those_of_openssl() {
        let mut parameters = rcgen::CertificateParams::new(["example.org".to_owned()]).expect("a name");
        parameters.subject_alt_names.push(rcgen::SanType::IpAddress([127, 0, 0, 1].into()));
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "a\tb");
        parameters.distinguished_name.push(rcgen::DnType::OrganizationName, "Example");
        parameters.not_before = rcgen::date_time_ymd(2026, 6, 1);
        parameters.not_after = rcgen::date_time_ymd(2027, 12, 31);
        parameters.serial_number = Some(0x12ab_u64.into());
        let key = rcgen::KeyPair::generate().expect("a key");
        let certificate = parameters.self_signed(&key).expect("a certificate");
        let described = describe(certificate.der()).expect("it can be read");
        let mut lines: Vec<_> = described.lines().collect();
        lines.retain(|line| !line.starts_with("issuer"));
        lines.sort_unstable();
        let expected = [
            "notAfter\t\tDec 31 00:00:00 2027 GMT",
            "notBefore\t\tJun  1 00:00:00 2026 GMT",
            "serialNumber\t\t12AB",
            "subject\tcommonName\ta b",
            "subject\torganizationName\tExample",
            "subjectAltName\tDNS\texample.org",
            "subjectAltName\tIP Address\t127.0.0.1",
            "version\t\t3",
        ];
        assert_eq!(lines, expected);
        assert_eq!(describe(b"x"), None);
    }
}
