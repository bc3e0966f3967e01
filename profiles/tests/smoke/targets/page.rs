//! Pages: a resource of a page is a part of it, and is read alone as it is read there.

use bytes::Bytes;
use samenhang_profiles::Limits;
use samenhang_profiles::json::check;
use samenhang_profiles::page::Page;
use samenhang_profiles::raw::RawResource;

pub(crate) fn run(data: &[u8]) {
    let limits = Limits::default();
    let body = Bytes::copy_from_slice(data);
    if let Ok(resource) = RawResource::read(body.clone(), &limits) {
        assert!(lies_in(&resource, &body), "a resource is as it came");
    }
    let Ok(page) = Page::read(body.clone(), &limits) else {
        return;
    };
    assert_eq!(check(data, &limits), Ok(()), "a page is JSON");
    assert!(page.entries.len() <= limits.max_entries && page.set_aside <= page.entries.len());
    for resource in page.entries.iter().filter_map(|entry| entry.resource.as_ref()) {
        assert!(lies_in(resource, &body), "a resource is as it came");
        let Ok(alone) = RawResource::read(resource.body().clone(), &limits) else {
            panic!("what a page holds can be read alone");
        };
        assert_eq!(alone.body(), resource.body());
        assert_eq!(alone.resource_type(), resource.resource_type());
        assert_eq!(alone.id(), resource.id());
        assert_eq!(alone.keys().references, resource.keys().references);
    }
}

/// Whether the bytes of a resource are bytes of the message itself, and not a copy.
fn lies_in(resource: &RawResource, message: &Bytes) -> bool {
    let (part, whole) = (resource.body().as_ptr_range(), message.as_ptr_range());
    part.start >= whole.start && part.end <= whole.end
}
