//! Whatever lies in `recording.json` is a description of a recording that leads nowhere out of its folder, or an error that says whether the file is torn.

#![no_main]

use std::io::ErrorKind;

use confab_fuzz::{bounded, folder};
use confab_media_file::records::metadata::{self, Metadata};
use confab_media_file::records::products::file_name;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    bounded(data, || run(data));
});

fn run(data: &[u8]) {
    let mut metadata = match Metadata::parse(data) {
        Ok(metadata) => metadata,
        Err(error) => {
            assert!(matches!(
                error.kind(),
                ErrorKind::UnexpectedEof | ErrorKind::InvalidData
            ));
            return;
        }
    };
    for track in &metadata.tracks {
        assert!(metadata::is_plain_name(&track.file));
        assert!(track.span().is_none_or(|span| span.from < span.to));
    }
    assert!(metadata.people().len() <= metadata.tracks.len());
    for product in &metadata.products.files {
        assert!(metadata::is_plain_name(&product.file));
        let name = file_name("base", metadata.products.title.as_deref(), product.options);
        assert!(metadata::is_plain_name(&name) && name.len() < 200, "{name:?}");
    }
    metadata.products.or_earlier("base");
    let folder = folder();
    metadata.mend(folder);
    metadata.save(folder).expect("a file");
    assert_eq!(Metadata::load(folder).expect("what was saved"), metadata);
}
