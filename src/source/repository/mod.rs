//! Reads a repository as it is: plain manifests, kustomizations and charts, and the meshes that they form.

mod alternatives;
mod chart;
mod display;
mod heads;
mod kustomization;
mod kustomize;
mod meshes;
mod paths;
mod relocation;
mod roots;
mod temporary;
mod tree;

pub use chart::HelmOptions;
pub use meshes::{MeshFiles, MeshPaths, read};
pub use paths::RepositoryPaths;
pub use roots::BuildOptions;
