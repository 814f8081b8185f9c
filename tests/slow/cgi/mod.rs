//! `pywagi cgi` behind real web servers, from Debian's packages; without one of them its tests say so and do nothing.

mod export;
mod portable;
pub mod servers;
