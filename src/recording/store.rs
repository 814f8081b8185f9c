//! The last requests of a server, in memory.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;

use super::{Id, Recorded, RecordedRequest, Summary};
use crate::guest::Image;

/// How many requests are kept, how many bytes they may have together, and how many saved interpreters: one that was
/// replaced, as after an edit, is a file of some 30 MB that stays as long as a recording needs it.
const MOST: usize = 200;
const MOST_BYTES: usize = 32 << 20;
const MOST_IMAGES: usize = 8;

/// Recordings, the oldest first. Its clones are the same store.
#[derive(Clone, Default)]
pub struct Store(Arc<Mutex<Recordings>>);

#[derive(Default)]
struct Recordings {
    kept: VecDeque<Kept>,
    bytes: usize,
}

/// A recording in one piece of memory, whose size is exactly known.
struct Kept {
    id: Id,
    content: Bytes,
    image: Option<Arc<Image>>,
}

impl Kept {
    fn request(&self) -> Option<RecordedRequest> {
        RecordedRequest::of_content(self.content.clone())
    }
}

impl Store {
    /// Keeps a recording, in place of the oldest ones if there is no room; `None` where it alone is too large. Returns those
    /// that are gone, too.
    pub fn keep(&self, recorded: &Recorded) -> (Option<Id>, Vec<Id>) {
        let content = recorded.request.content().ok().filter(|content| content.len() <= MOST_BYTES);
        let Some(content) = content.map(Bytes::from) else { return (None, Vec::new()) };
        let mut recordings = self.0.lock();
        let id = std::iter::repeat_with(Id::random).find(|id| recordings.get(*id).is_none());
        let Some(id) = id else { return (None, Vec::new()) };
        recordings.bytes += content.len();
        recordings.kept.push_back(Kept { id, content, image: recorded.image.clone() });
        let mut gone = Vec::new();
        while recordings.are_too_many() {
            let Some(oldest) = recordings.kept.pop_front() else { break };
            recordings.bytes -= oldest.content.len();
            gone.push(oldest.id);
        }
        (Some(id), gone)
    }

    /// The recording with this ID.
    pub fn get(&self, id: Id) -> Option<Recorded> {
        let recordings = self.0.lock();
        let kept = recordings.get(id)?;
        Some(Recorded { request: kept.request()?.into(), image: kept.image.clone() })
    }

    /// All of them, the newest first.
    pub fn list(&self) -> Vec<Summary> {
        let recordings = self.0.lock();
        recordings.kept.iter().rev().filter_map(|kept| Some(kept.request()?.summary(Some(kept.id)))).collect()
    }
}

impl Recordings {
    fn get(&self, id: Id) -> Option<&Kept> {
        self.kept.iter().find(|kept| kept.id == id)
    }

    fn are_too_many(&self) -> bool {
        self.kept.len() > MOST || self.bytes > MOST_BYTES || self.images() > MOST_IMAGES
    }

    /// How many saved interpreters there are. Requests in a row mostly have the same one.
    fn images(&self) -> usize {
        let mut images: Vec<*const Image> = Vec::new();
        for image in self.kept.iter().filter_map(|kept| kept.image.as_ref()) {
            let image = Arc::as_ptr(image);
            if images.last() != Some(&image) && !images.contains(&image) {
                images.push(image);
            }
        }
        images.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::recorded;
    use super::*;

    #[test]
    fn the_oldest_make_room_by_the_interpreters_that_they_start_from() {
        let store = Store::default();
        let images: Vec<_> = (0..=MOST_IMAGES).map(|_| Arc::new(Image::empty())).collect();
        let keep = |image: &Arc<Image>| {
            let (id, gone) = store.keep(&Recorded { request: recorded("/").into(), image: Some(Arc::clone(image)) });
            (id.expect("it is small"), gone)
        };
        let first = [keep(&images[0]).0, keep(&images[0]).0];
        images[1..MOST_IMAGES].iter().for_each(|image| assert!(keep(image).1.is_empty()));
        assert!(keep(&images[1]).1.is_empty());
        // Both that start from the oldest, which then is no file any more.
        assert_eq!(keep(&images[MOST_IMAGES]).1, first);
        assert_eq!(Arc::strong_count(&images[0]), 1);
        assert_eq!(store.list().len(), MOST_IMAGES + 1);
    }

    fn keep(store: &Store, target: &str, body: usize) -> (Option<Id>, Vec<Id>) {
        let request = RecordedRequest { stdin: Bytes::from(vec![0; body]), ..recorded(target) };
        store.keep(&Recorded { request: request.into(), image: None })
    }

    #[test]
    fn the_oldest_make_room_by_number_and_by_size() {
        let store = Store::default();
        let ids: Vec<_> = (0..MOST).filter_map(|i| keep(&store, &format!("/{i}"), 0).0).collect();
        assert_eq!(ids.len(), MOST);
        let (newest, gone) = keep(&store, "/new", 0);
        assert_eq!(gone, [ids[0]]);
        assert!(store.get(ids[0]).is_none());
        let targets: Vec<_> = store.list().into_iter().map(|summary| (summary.id, summary.target)).collect();
        assert_eq!(targets[0], (newest, "/new".to_owned()));
        assert_eq!((targets.len(), targets[MOST - 1].1.as_str()), (MOST, "/1"));

        let (_, gone) = keep(&store, "/large", MOST_BYTES - 3000);
        assert!(gone.len() > MOST - 20, "{}", gone.len());
        assert_eq!(store.list()[0].target, "/large");
        assert_eq!(keep(&store, "/too-large", MOST_BYTES), (None, Vec::new()));
        assert_eq!(store.list()[0].target, "/large");
    }
}
