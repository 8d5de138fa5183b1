//! `timed!`, `monitor!`, `defaults!`.

mod inside {
    meters::defaults! { rename_all = "PascalCase" }
}

mod others {
    meters::defaults! { rename_all = "Pascal" }
    meters::defaults! { rename = "PascalCase" }
    meters::defaults! {}
}

fn main() {
    meters::timed!("Parse");
    meters::timed!("Parse", Kind = 1, 3 + 4);
    meters::timed!("Parse", unit = Bytes, { 1 });
    meters::timed!({ 1 });
    meters::monitor!("Fetch", unit = Bytes);
    meters::monitor!("Fetch", Cache = _);
    meters::counter!("Orders", limit(Tenant = 1));
}
