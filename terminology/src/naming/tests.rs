use std::collections::BTreeSet;

use super::*;

#[test]
fn each_oid_has_one_url_however_it_is_written() {
    let oids: BTreeSet<&str> = URLS.iter().map(|(oid, _)| *oid).collect();
    assert_eq!(oids.len(), URLS.len());
    for (oid, url) in URLS {
        assert_eq!(url_of(oid), Some(url));
        assert_eq!(url_of(&format!("urn:oid:{oid}")), Some(url));
        assert_eq!(url_of(url), None);
    }
    assert_eq!(url_of("2.16.840.1.113883.6"), None);
    assert_eq!(BSN_URN.strip_prefix("urn:oid:"), Some(BSN_OID));
}
