//! The names of metrics that stand beside another one.

/// `Request.InFlight` of `Request`, and `request_in_flight` of `request`: Prometheus takes no dots, and who names metrics for it
/// writes no capitals.
pub(crate) fn beside(name: &str, what: &str) -> String {
    if name.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'.') {
        return format!("{name}.{what}");
    }
    let mut spelt = name.to_owned();
    for letter in what.chars() {
        if letter.is_ascii_uppercase() {
            spelt.push('_');
        }
        spelt.push(letter.to_ascii_lowercase());
    }
    spelt
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn names_follow_the_spelling_of_the_first() {
        assert_eq!(beside("Request", "TimeToFirst"), "Request.TimeToFirst");
        assert_eq!(beside("shop.request", "InFlight"), "shop.request.InFlight");
        assert_eq!(beside("http_server_request", "TimeToFirst"), "http_server_request_time_to_first");
        assert_eq!(beside("jobs", "Wait"), "jobs_wait");
    }
}
