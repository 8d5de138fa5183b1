//! The library speaks of the builder's methods; who runs this program has options.

/// What the library says, and what it is here.
const WORDS: [(&str, &str); 4] = [
    ("or call .region(\"eu-west-1\")", "or say --region eu-west-1"),
    ("use another .application(…)", "say another --application"),
    ("put it into the URL, redis://user:password@host, or call .password(…)", "put it into METERS_REDIS_PASSWORD"),
    (
        "correct them in the URL or the builder",
        "correct them in --redis, or in METERS_REDIS_USER and METERS_REDIS_PASSWORD",
    ),
];

/// The same in the words of this program.
pub(crate) fn own(message: String) -> String {
    WORDS.into_iter().fold(message, |message, (theirs, ours)| message.replace(theirs, ours))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Else a message that was changed there would never be changed here.
    #[test]
    fn each_is_what_the_library_says() {
        let sources = [
            include_str!("../../meters/src/export/cloudwatch/client.rs"),
            include_str!("../../meters-redis/src/storage/agreement.rs"),
            include_str!("../../meters-redis/src/connection/explain.rs"),
        ];
        // Long texts are written over several lines.
        let sources =
            sources.map(|source| source.split_whitespace().filter(|word| *word != "\\").collect::<Vec<_>>().join(" "));
        for (theirs, _) in WORDS {
            let written = theirs.replace('"', "\\\"");
            assert!(sources.iter().any(|source| source.contains(&written)), "nobody says {theirs}");
        }
    }

    #[test]
    fn what_is_said_of_the_builder_is_said_of_options() {
        let said = own("no AWS region: set AWS_REGION or call .region(\"eu-west-1\")".to_owned());
        assert_eq!(said, "no AWS region: set AWS_REGION or say --region eu-west-1");
    }
}
