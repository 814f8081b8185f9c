//! The files that the interpreter sees: trees that were fixed when the component was built, and what the request changes.
//!
//! A tree is read in place until something in it changes. Then its directory is copied, not the content of its files. All
//! changes are gone after the request.

use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::Cell;

use wagi_contract::component::{self, Description};

use crate::descriptor::{AnyDirectory, Descriptor, Directory, OpenFile, Opened};
use crate::errno::{Errno, Result};
use crate::host::{self, Preopened};
use crate::locks::Locks;
use crate::nodes::{File, Identity, Node};
use crate::paths::{self, Path};

/// The descriptors of the standard streams, after which those of the volumes come.
const STREAMS: [Descriptor; 3] = [Descriptor::Input, Descriptor::Output, Descriptor::Error];

/// What the interpreter sees.
#[derive(Default)]
pub struct Files {
    /// What is fixed.
    description: Option<Description<'static>>,
    /// The paths of the volumes in the guest.
    volumes: Vec<String>,
    /// The trees in which something was changed, by number.
    changed: BTreeMap<u32, BTreeMap<String, Node>>,
    descriptors: Vec<Option<Descriptor>>,
    /// How many files were made.
    made: u64,
    /// The locks of databases that the host has.
    pub locks: Locks,
}

/// A place in a tree, whether or not something is there.
pub struct Place {
    /// The tree.
    pub tree: u32,
    /// Whether nothing may be changed in it.
    pub read_only: bool,
    /// The path.
    pub path: Path,
}

impl Files {
    /// The volumes of a route, and nothing open but them. Fails with the path of one that the host is to give and does not.
    pub fn new(
        description: Description<'static>,
        volumes: &[&str],
        trees: &[component::Tree],
    ) -> core::result::Result<Self, String> {
        let mut preopened = Preopened::default();
        let mut descriptors: Vec<_> = STREAMS.into_iter().map(Some).collect();
        for (volume, (name, tree)) in volumes.iter().zip(trees).enumerate() {
            let component::Tree { number, read_only } = *tree;
            let volume = Some(volume);
            descriptors.push(Some(match number {
                Some(tree) => Descriptor::Directory(Directory { tree, read_only, path: String::new(), volume }),
                None => {
                    let directory = preopened.take(name).ok_or_else(|| (*name).to_string())?;
                    Descriptor::HostDirectory(host::Directory::new(directory, read_only, volume))
                }
            }));
        }
        let volumes = volumes.iter().map(|name| (*name).to_string()).collect();
        Ok(Self { description: Some(description), volumes, descriptors, ..Self::default() })
    }

    /// The path of a volume in the guest.
    pub fn volume(&self, number: usize) -> Option<&str> {
        self.volumes.get(number).map(String::as_str)
    }

    /// Whether there is a file at an absolute path of the guest's.
    pub fn has_script(&self, path: &str) -> bool {
        let rest = |volume: &str| match path.strip_prefix(volume.trim_end_matches('/')) {
            Some(rest) if rest.starts_with('/') => Some(rest.trim_start_matches('/').to_string()),
            _ => None,
        };
        let inside =
            self.volumes.iter().enumerate().filter_map(|(number, name)| Some((name.len(), number, rest(name)?)));
        let Some((_, number, rest)) = inside.max_by_key(|(length, ..)| *length) else { return false };
        let Some(Some(Descriptor::Directory(volume))) = self.descriptors.get(STREAMS.len() + number) else {
            return false;
        };
        let place = self.place(volume, &rest).and_then(|place| self.node(&place));
        place.is_ok_and(|node| !node.is_directory())
    }

    // Descriptors

    /// What a descriptor stands for.
    pub fn descriptor(&mut self, number: u32) -> Result<&mut Descriptor> {
        self.descriptors.get_mut(number as usize).and_then(Option::as_mut).ok_or(Errno::BadDescriptor)
    }

    /// The directory of a descriptor.
    pub fn directory(&mut self, number: u32) -> Result<AnyDirectory> {
        match self.descriptor(number)? {
            Descriptor::Directory(directory) => Ok(AnyDirectory::Ours(directory.clone())),
            Descriptor::HostDirectory(directory) => Ok(AnyDirectory::Hosts(directory.clone())),
            Descriptor::File(_) => Err(Errno::NotDirectory),
            _ => Err(Errno::BadDescriptor),
        }
    }

    /// The files of the host's that are open.
    pub fn of_host(&self) -> impl Iterator<Item = &host::File> {
        self.descriptors.iter().flatten().filter_map(|descriptor| match descriptor {
            Descriptor::File(OpenFile { file: Opened::Hosts(file), .. }) => Some(file),
            _ => None,
        })
    }

    /// The file of a descriptor.
    pub fn file(&mut self, number: u32) -> Result<&mut OpenFile> {
        match self.descriptor(number)? {
            Descriptor::File(file) => Ok(file),
            _ => Err(Errno::BadDescriptor),
        }
    }

    /// Gives what is opened the lowest number that is free.
    pub fn open(&mut self, descriptor: Descriptor) -> u32 {
        let free = self.descriptors.iter().position(Option::is_none).unwrap_or(self.descriptors.len());
        if free == self.descriptors.len() {
            self.descriptors.push(None);
        }
        if let Some(place) = self.descriptors.get_mut(free) {
            *place = Some(descriptor);
        }
        free as u32
    }

    /// Closes a descriptor.
    pub fn close(&mut self, number: u32) -> Result<Descriptor> {
        self.descriptors.get_mut(number as usize).and_then(Option::take).ok_or(Errno::BadDescriptor)
    }

    /// Gives a descriptor another number, which is closed before that. As wasmtime has it, that one must be open.
    pub fn renumber(&mut self, number: u32, to: u32) -> Result {
        self.descriptor(to)?;
        let descriptor = self.close(number)?;
        *self.descriptors.get_mut(to as usize).ok_or(Errno::BadDescriptor)? = Some(descriptor);
        Ok(())
    }

    // Trees

    /// The place of a path below a directory.
    pub fn place(&self, directory: &Directory, path: &str) -> Result<Place> {
        let Directory { tree, read_only, path: base, .. } = directory;
        let path = paths::join(base, path, |path| self.look(*tree, path).map(|node| node.is_directory()))?;
        Ok(Place { tree: *tree, read_only: *read_only, path })
    }

    fn look(&self, tree: u32, path: &str) -> Option<Node> {
        match self.changed.get(&tree) {
            Some(nodes) => nodes.get(path).cloned(),
            None => {
                let description = self.description?;
                let number = description.find(tree, path)?;
                Some(Node::fixed(number, description.file(number)))
            }
        }
    }

    /// What is at a place.
    pub fn node(&self, place: &Place) -> Result<Node> {
        let Place { tree, path, .. } = place;
        match self.look(*tree, &path.text) {
            Some(Node::File(_)) if path.names_directory => Err(Errno::NotDirectory),
            Some(node) => Ok(node),
            None => Err(paths::why_missing(&path.text, |path| Some(self.look(*tree, path)?.is_directory()))),
        }
    }

    /// The names and the nodes of what is directly in a directory.
    pub fn children(&self, directory: &Directory) -> Result<Vec<(String, Node)>> {
        let Directory { tree, path, .. } = directory;
        if !self.look(*tree, path).is_some_and(|node| node.is_directory()) {
            return Err(Errno::NotFound);
        }
        if let Some(nodes) = self.changed.get(tree) {
            let name = |(each, node): (&String, &Node)| Some((paths::name_in(path, each)?.to_string(), node.clone()));
            return Ok(nodes.iter().filter_map(name).collect());
        }
        let description = self.description.ok_or(Errno::NotFound)?;
        let children = description.children(*tree, path);
        Ok(children.map(|(number, name, file)| (name.to_string(), Node::fixed(number, file))).collect())
    }

    /// The nodes of a tree, to be changed. Files that are open are the same ones afterwards.
    fn nodes(&mut self, tree: u32) -> &mut BTreeMap<String, Node> {
        let Self { changed, description, descriptors, .. } = self;
        changed.entry(tree).or_insert_with(|| {
            let open = |number: u32| {
                let files = descriptors.iter().flatten().filter_map(|descriptor| match descriptor {
                    Descriptor::File(OpenFile { file: Opened::Ours(file), .. }) => Some(file),
                    _ => None,
                });
                files.into_iter().find(|file| file.identity.number == u64::from(number) + 1).map(Rc::clone)
            };
            let files = description.iter().flat_map(|description| description.tree(tree));
            let node = |number, file| open(number).map_or_else(|| Node::fixed(number, file), Node::File);
            files.map(|(number, file)| (file.path.to_string(), node(number, file))).collect()
        })
    }

    /// The file that a node is, to be changed: it is the same one from then on.
    pub fn to_change(&mut self, place: &Place) -> Result<Rc<File>> {
        match self.nodes(place.tree).get(&place.path.text) {
            Some(Node::File(file)) => Ok(Rc::clone(file)),
            Some(Node::Directory(_)) => Err(Errno::IsDirectory),
            None => Err(Errno::NotFound),
        }
    }

    /// Fails where nothing may be changed.
    pub fn check_writable(&self, place: &Place) -> Result {
        if place.read_only { Err(Errno::NotPermitted) } else { Ok(()) }
    }

    /// Fails unless there is nothing at a place, in a directory.
    fn check_free(&self, place: &Place) -> Result {
        match self.node(place) {
            Ok(_) => Err(Errno::Exists),
            Err(_) if place.path.text.is_empty() => Err(Errno::Exists),
            Err(Errno::NotFound) => {
                let parent = paths::parent(&place.path.text);
                match self.look(place.tree, parent) {
                    Some(Node::Directory(_)) => Ok(()),
                    Some(Node::File(_)) => Err(Errno::NotDirectory),
                    None => Err(Errno::NotFound),
                }
            }
            Err(errno) => Err(errno),
        }
    }

    fn identity(&mut self, now: u64) -> Identity {
        self.made += 1;
        let known = self.description.map_or(0, Description::files);
        Identity { number: u64::from(known) + self.made, modified: Cell::new(now) }
    }

    /// Puts a node where nothing is, or takes one away.
    fn put(&mut self, place: &Place, node: Option<Node>, now: u64) {
        let nodes = self.nodes(place.tree);
        match node {
            Some(node) => nodes.insert(place.path.text.clone(), node),
            None => nodes.remove(&place.path.text),
        };
        if let Some(parent) = nodes.get(paths::parent(&place.path.text)) {
            parent.identity().modified.set(now);
        }
    }

    /// Makes an empty file.
    pub fn create(&mut self, place: &Place, now: u64) -> Result<Rc<File>> {
        self.check_free(place)?;
        if place.path.names_directory {
            return Err(Errno::IsDirectory);
        }
        let file = Rc::new(File::empty(self.identity(now)));
        self.put(place, Some(Node::File(Rc::clone(&file))), now);
        Ok(file)
    }

    /// Makes a directory.
    pub fn create_directory(&mut self, place: &Place, now: u64) -> Result {
        self.check_writable(place)?;
        self.check_free(place)?;
        let identity = self.identity(now);
        self.put(place, Some(Node::Directory(Rc::new(identity))), now);
        Ok(())
    }

    /// Removes an empty directory.
    pub fn remove_directory(&mut self, place: &Place, now: u64) -> Result {
        self.check_writable(place)?;
        if !self.node(place)?.is_directory() {
            return Err(Errno::NotDirectory);
        }
        if self.has_content(place) {
            return Err(Errno::NotEmpty);
        }
        if place.path.text.is_empty() {
            return Err(Errno::Invalid);
        }
        self.put(place, None, now);
        Ok(())
    }

    fn has_content(&mut self, place: &Place) -> bool {
        let directory = place.path.text.clone();
        self.nodes(place.tree).keys().any(|path| paths::name_in(&directory, path).is_some())
    }

    /// Removes a file.
    pub fn unlink(&mut self, place: &Place, now: u64) -> Result {
        self.check_writable(place)?;
        if self.node(place)?.is_directory() {
            return Err(Errno::IsDirectory);
        }
        self.put(place, None, now);
        Ok(())
    }

    /// Makes another name for a file.
    pub fn link(&mut self, from: &Place, to: &Place, now: u64) -> Result {
        self.check_writable(from)?;
        self.check_writable(to)?;
        if from.tree != to.tree || self.node(from)?.is_directory() {
            return Err(Errno::NotPermitted);
        }
        self.check_free(to)?;
        let file = self.to_change(from)?;
        self.put(to, Some(Node::File(file)), now);
        Ok(())
    }

    /// Renames a file or a directory; replaces a file, or an empty directory.
    pub fn rename(&mut self, from: &Place, to: &Place, now: u64) -> Result {
        self.check_writable(from)?;
        self.check_writable(to)?;
        let node = self.node(from)?;
        if from.tree != to.tree {
            return Err(Errno::NotSupported);
        }
        if from.path.text == to.path.text {
            return Ok(());
        }
        if from.path.text.is_empty() || paths::is_below(&from.path.text, &to.path.text) {
            return Err(Errno::Invalid);
        }
        match self.node(to) {
            Ok(there) if there.is_directory() && !node.is_directory() => return Err(Errno::IsDirectory),
            Ok(there) if there.is_directory() && self.has_content(to) => return Err(Errno::NotEmpty),
            Ok(there) if !there.is_directory() && node.is_directory() => return Err(Errno::NotDirectory),
            Ok(_) => self.put(to, None, now),
            Err(_) => self.check_free(to)?,
        }
        if !node.is_directory() && to.path.names_directory {
            return Err(Errno::NotDirectory);
        }
        let (old, new) = (&from.path.text, &to.path.text);
        let nodes = self.nodes(from.tree);
        let moved: Vec<_> = nodes.keys().filter(|path| paths::is_below(old, path)).cloned().collect();
        for path in moved {
            if let (Some(node), Some(rest)) = (nodes.remove(&path), path.get(old.len()..)) {
                nodes.insert(alloc::format!("{new}{rest}"), node);
            }
        }
        let node = nodes.remove(old);
        self.put(from, None, now);
        self.put(to, node, now);
        Ok(())
    }
}
