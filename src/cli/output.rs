//! Where a command writes its result: to standard output, to files, or both, each in a format of its own.

use std::{ffi::OsStr, fs, io, io::Write as _, path::PathBuf};

use clap::{
    Arg, Command,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
    error::ErrorKind,
};

use super::{args::DisplayArgs, atomic_file, links, usage::usage};
use crate::report::{self, Document, Format, Style};

/// A value of `--output`: FORMAT for standard output, FORMAT=FILE for a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OutputArg {
    format: Format,
    file: Option<PathBuf>,
}

/// A parser for `--output` with these formats.
pub(super) fn parser(formats: impl Iterator<Item = Format>) -> impl TypedValueParser<Value = OutputArg> {
    let possible_value = |format: Format| PossibleValue::new(format.name()).help(format.about().trim_end_matches('.'));
    OutputParser(PossibleValuesParser::new(formats.map(possible_value)))
}

#[derive(Clone)]
struct OutputParser(PossibleValuesParser);

impl TypedValueParser for OutputParser {
    type Value = OutputArg;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<OutputArg, clap::Error> {
        let invalid = |message: String| clap::Error::raw(ErrorKind::ValueValidation, message + "\n").with_cmd(command);
        let Some(text) = value.to_str() else {
            return Err(invalid(format!("invalid output `{}`: the name of the file is not UTF-8", value.display())));
        };
        let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
        let format = self.0.parse_ref(command, arg, name.as_ref())?.parse().map_err(invalid)?;
        match file {
            Some("") => Err(invalid(format!("invalid output `{text}`: expected a file after `=`, as in {name}=FILE"))),
            file => Ok(OutputArg { format, file: file.map(PathBuf::from) }),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        self.0.possible_values()
    }
}

/// The outputs of a run: files that can be written, each once, and at most one format for standard output.
#[derive(Debug)]
pub(super) struct Outputs {
    screen: Option<Format>,
    screen_style: Style,
    files: Vec<(Format, PathBuf)>,
    file_style: Style,
}

impl Outputs {
    /// The outputs that the flags ask for; the one without a file is written to `--output-file`, if that is given.
    ///
    /// # Errors
    /// A usage error if they contradict each other, or a file cannot be written.
    pub(super) fn of(outputs: &[OutputArg], display: &DisplayArgs) -> anyhow::Result<Self> {
        let mut screen = outputs.iter().filter(|output| output.file.is_none()).map(|output| output.format);
        let first = screen.next();
        if let Some((first, second)) = first.zip(screen.next()) {
            let (first, second) = (first.name(), second.name());
            return Err(usage(format!(
                "two formats for one output, {first} and {second}: write one of them to a file, as in --output {second}=FILE"
            )));
        }
        let mut files: Vec<(Format, PathBuf)> =
            outputs.iter().filter_map(|output| Some((output.format, links::without_slash(output.file.as_ref()?)))).collect();
        let screen = match (first, &display.output_file) {
            (None, Some(file)) => {
                let name = file.display();
                return Err(usage(format!("nothing to write to {name}: every --output has a file of its own, so leave out --output-file")));
            }
            (Some(format), Some(file)) => {
                files.push((format, links::without_slash(file)));
                None
            }
            (first, None) => first,
        };
        check(&files)?;
        Ok(Self { screen, screen_style: display.style(), files, file_style: display.file_style() })
    }

    /// Writes the document. Standard output gets it even if a file cannot be written.
    ///
    /// # Errors
    /// The first one.
    pub(super) fn write(&self, document: &Document) -> anyhow::Result<()> {
        let to_file =
            |(format, path): &(Format, PathBuf)| atomic_file::write(path, |sink| report::write(document, *format, self.file_style, sink));
        let failures: Vec<anyhow::Error> = self.files.iter().filter_map(|file| to_file(file).err()).collect();
        self.screen.map_or(Ok(()), |format| print(document, format, self.screen_style))?;
        failures.into_iter().next().map_or(Ok(()), Err)
    }
}

/// An error if a file cannot be written, or would be written twice.
fn check(files: &[(Format, PathBuf)]) -> anyhow::Result<()> {
    let mut places = Vec::new();
    for (_, path) in files {
        atomic_file::check(path)?;
        let folder = fs::canonicalize(atomic_file::folder(path)).unwrap_or_default();
        let place = folder.join(path.file_name().unwrap_or_default());
        if places.contains(&place) {
            return Err(usage(format!("two formats for one file, {}: give each a file of its own", path.display())));
        }
        places.push(place);
    }
    Ok(())
}

fn print(document: &Document, format: Format, style: Style) -> anyhow::Result<()> {
    let mut sink = io::BufWriter::new(io::stdout().lock());
    let written = report::write(document, format, style, &mut sink).and_then(|()| sink.flush());
    match written {
        // A closed pipe is not an error and does not change the exit status.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}
