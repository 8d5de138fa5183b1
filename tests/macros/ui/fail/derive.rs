//! Only a closed set of texts makes a dimension.

use meters::Dimension;

#[derive(Dimension)]
struct Struct;

#[derive(Dimension)]
union Union {
    _a: u32,
}

#[derive(Dimension)]
enum Empty {}

#[derive(Dimension)]
enum Fields {
    _Free,
    _Paid(u32),
}

#[derive(Dimension)]
enum SameText {
    _Free,
    #[dimension(rename = "_Free")]
    _Paid,
}

#[derive(Dimension)]
#[dimension(rename_all = "lowercase")]
enum SameTextByCase {
    _Free,
    _FREE,
}

#[derive(Dimension)]
#[dimension(rename_all = "snakecase")]
enum UnknownCase {
    _Free,
}

#[derive(Dimension)]
#[dimension(rename = "Tier")]
enum RenameOnEnum {
    _Free,
}

#[derive(Dimension)]
enum RenameAllOnVariant {
    #[dimension(rename_all = "snake_case")]
    _Free,
}

#[derive(Dimension)]
enum RenameTwice {
    #[dimension(rename = "a")]
    #[dimension(rename = "b")]
    _Free,
}

#[derive(Dimension)]
enum EmptyText {
    #[dimension(rename = "")]
    _Free,
}

#[derive(Dimension)]
enum NotAscii {
    Größe,
}

#[derive(Dimension)]
enum WithoutList {
    #[dimension]
    _Free,
}

fn main() {
    // The mistakes above are no mistakes of those who use the types.
    let _ = meters::counter!("Orders", Tier = Fields::_Free, Text = EmptyText::_Free);
}
