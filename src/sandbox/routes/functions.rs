//! Edge functions: rows in a list, sources in a form, and everything that was measured when writes overlap.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::sandbox::answer::{Answer, Answered, answer, ok, refuse};
use crate::sandbox::catalogue;
use crate::sandbox::form;
use crate::sandbox::functions::{Function, OrphanBundle, Overlap, is_kept};
use crate::sandbox::ids::{bits, epoch_ms};
use crate::sandbox::matching::Route;
use crate::sandbox::switches::Switches;
use crate::sandbox::validate::{expected, list as items_of, no_match, object, optional_text, text};
use crate::sandbox::visit::RequestContext;
use crate::secret::hex;

const SLUG: &str = "^[A-Za-z][A-Za-z0-9_-]*$";

/// The files that the bundler makes by itself, whatever was uploaded, where a source imports from elsewhere.
const LOCK: &str = "deno.lock";

/// How long a write is in flight: long enough for others to be in flight with it.
pub(in crate::sandbox) const TAKES: std::time::Duration = std::time::Duration::from_millis(15);

/// Whether a route writes functions, which goes wrong beside other writes.
pub(in crate::sandbox) fn can_overlap(route: &Route) -> bool {
    route.method != "GET" && route.template.starts_with(ALL)
}

/// Whether a route takes forms and bundles.
pub(in crate::sandbox) fn takes_forms(route: &Route) -> bool {
    can_overlap(route)
}

/// Whether an upload is larger than the API takes.
pub(in crate::sandbox) fn is_too_large(route: &Route, bytes: usize, switches: Switches) -> bool {
    let most = usize::try_from(switches.functions.max_request_mb).unwrap_or(usize::MAX).saturating_mul(1024 * 1024);
    route.name == DEPLOY && bytes > most
}

const ALL: &str = "/v1/projects/{ref}/functions";
const DEPLOY: &str = "POST /v1/projects/{ref}/functions/deploy";

fn unknown() -> Answer {
    refuse(404, "Function not found")
}

fn is_slug(slug: &str) -> bool {
    let rest = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    slug.starts_with(|c: char| c.is_ascii_alphabetic()) && slug.chars().all(rest)
}

fn folder(reference: &str, function: &Function) -> String {
    format!("/tmp/user_fn_{reference}_{}_{}", function.id, function.version)
}

/// A row as the API shows it.
fn shown(reference: &str, slug: &str, function: &Function) -> Value {
    let folder = folder(reference, function);
    let mut row = json!({
        "id": function.id,
        "slug": slug,
        "name": function.name,
        "status": "ACTIVE",
        "version": function.version,
        "created_at": epoch_ms(function.created_ms),
        "updated_at": epoch_ms(function.updated_ms),
        "verify_jwt": function.verify_jwt,
        "import_map": function.import_map_path.is_some(),
    });
    let source = |path: &String| format!("file://{folder}/source/{path}");
    let members = row.as_object_mut().into_iter();
    for members in members {
        for (name, path) in
            [("entrypoint_path", &function.entrypoint_path), ("import_map_path", &function.import_map_path)]
        {
            members.extend(path.as_ref().map(|path| (name.to_owned(), source(path).into())));
        }
        members.insert("ezbr_sha256".to_owned(), function.ezbr_sha256.clone().into());
    }
    row
}

fn listed(reference: &str, slug: &str, function: &Function, now: u64) -> Option<Value> {
    if function.listed_from_ms > now {
        return function.listed_before.clone();
    }
    (!function.ghost).then(|| shown(reference, slug, function))
}

pub(super) fn list(visit: &mut RequestContext<'_>) -> Answered {
    let (reference, now) = (visit.param("ref").to_owned(), visit.now);
    let project = visit.project()?;
    if project.is_parked() {
        return answer(json!([]));
    }
    let all = project.functions.iter().filter_map(|(slug, function)| listed(&reference, slug, function, now));
    answer(all.collect::<Vec<_>>().into())
}

/// The function of the path, if its row is there.
fn known<'v>(visit: &'v mut RequestContext<'_>) -> Result<(String, String, &'v mut Function), Answer> {
    let (reference, slug) = (visit.param("ref").to_owned(), visit.param("function_slug").to_owned());
    let project = visit.project()?;
    if !slug.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
        return Err(no_match("function_slug", "^[A-Za-z0-9_-]+$"));
    }
    let function = project.functions.get_mut(&slug).filter(|function| !function.ghost).ok_or_else(unknown)?;
    Ok((reference, slug, function))
}

pub(super) fn get(visit: &mut RequestContext<'_>) -> Answered {
    let (reference, slug, function) = known(visit)?;
    answer(shown(&reference, &slug, function))
}

/// The sources as a form where that is asked for, else the bundle.
pub(super) fn body(visit: &mut RequestContext<'_>) -> Answered {
    let accepts = visit.headers.get("accept").and_then(|it| it.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let wants_form = accepts.contains("multipart/form-data");
    let has_forms = visit.switches.functions.body_multipart;
    let (reference, _, function) = known(visit)?;
    if !wants_form || !has_forms || function.bundle_only {
        return Ok(Answer { status: 200, body: None, raw: Some(form::bundle(&function.ezbr_sha256)) });
    }
    let folder = folder(&reference, function);
    let mut files: Vec<(String, Vec<u8>)> = function
        .files
        .iter()
        .map(|(path, content)| (format!("{folder}/source/{path}"), form::bytes_of(content)))
        .collect();
    let remote = |content: &Value| {
        content.as_str().is_some_and(|text| ["npm:", "jsr:", "https://"].iter().any(|start| text.contains(start)))
    };
    if function.files.values().any(remote) {
        files.push((format!("{folder}/source/{LOCK}"), b"{\"version\": \"4\"}\n".to_vec()));
        files.push(("https://deno.land/x/remote/mod.ts".to_owned(), b"export {};\n".to_vec()));
    }
    Ok(Answer { status: 200, body: None, raw: Some(form::write(&json!({}), &files)) })
}

/// Whether a row that was written beside others is kept.
fn keeps(visit: &RequestContext<'_>, slug: &str) -> bool {
    let seed = slug.bytes().fold(visit.now, |seed, byte| bits(seed ^ u64::from(byte)));
    visit.switches.functions.overlap == Overlap::Serialise || is_kept(visit.width, seed)
}

pub(super) fn deploy(visit: &mut RequestContext<'_>) -> Answered {
    let (project, plan) = visit.project_and_plan()?;
    let most = catalogue::most(&plan, "function.max_count").unwrap_or(u64::MAX);
    let count = u64::try_from(project.functions.len()).unwrap_or(u64::MAX);
    let asked = |visit: &RequestContext<'_>, name: &str| visit.asked(name).next().map(str::to_owned);
    let (slug, only) = (asked(visit, "slug"), asked(visit, "bundleOnly").is_some_and(|only| only == "true"));
    let (body, now, kept) = (visit.body.take(), visit.now, slug.as_deref().is_some_and(|slug| keeps(visit, slug)));
    let upload = upload(body.as_ref())?;
    let Some(slug) = slug.or_else(|| upload.name.clone()) else { return Err(expected("slug", "string", None)) };
    if !is_slug(&slug) {
        return Err(no_match("slug", SLUG));
    }
    let (switches, reference) = (visit.switches.functions, visit.param("ref").to_owned());
    let project = visit.project()?;
    let id = project.next_id();
    let old = project.functions.get(&slug);
    if old.is_none() && count >= most {
        return Err(refuse(402, format!("Max number of functions reached for project: {most}")));
    }
    if old.is_some_and(|old| old.orphaned) && switches.orphan_bundle == OrphanBundle::Conflict {
        return Err(refuse(409, "deployment already exists"));
    }
    let before = old.and_then(|old| listed(&reference, &slug, old, now));
    let is_new = old.is_none_or(|old| old.ghost);
    let function = Function {
        id: old.map_or(id, |old| old.id.clone()),
        name: upload.name.or_else(|| old.map(|old| old.name.clone())).unwrap_or_else(|| slug.clone()),
        // A lost row keeps the version that it had, whatever is served.
        version: old.map_or(0, |old| old.version) + u32::from(is_new || kept),
        // Left out, it is protected again.
        verify_jwt: upload.verify_jwt.unwrap_or(true),
        entrypoint_path: Some(upload.entrypoint),
        import_map_path: upload.import_map,
        ezbr_sha256: digest(&upload.files),
        files: upload.files,
        bundle_only: false,
        ghost: is_new && (!kept || only),
        orphaned: only,
        created_ms: old.map_or(now, |old| old.created_ms),
        updated_ms: now,
        listed_from_ms: now + switches.list_lag_ms,
        listed_before: before,
    };
    let answered = shown(&reference, &slug, &function);
    if kept || switches.ghosts || !is_new || only {
        project.functions.insert(slug, function);
    }
    Ok(ok(201, answered))
}

struct Upload {
    entrypoint: String,
    import_map: Option<String>,
    verify_jwt: Option<bool>,
    name: Option<String>,
    files: BTreeMap<String, Value>,
}

fn upload(body: Option<&Value>) -> Result<Upload, Answer> {
    let form = object(body)?;
    let metadata = match form.get("metadata") {
        Some(Value::Object(metadata)) => metadata,
        other => return Err(expected("metadata", "object", other)),
    };
    let entrypoint = text(metadata, "entrypoint_path")?.trim_start_matches("./").to_owned();
    let import_map = optional_text(metadata, "import_map_path")?.filter(|path| !path.is_empty());
    let patterns = match metadata.get("static_patterns") {
        None | Some(Value::Null) => &[],
        Some(Value::Array(patterns)) => patterns.as_slice(),
        other => return Err(expected("metadata.static_patterns", "array", other)),
    };
    let is_static = |path: &str| {
        let globs = patterns.iter().filter_map(Value::as_str);
        globs.filter_map(|glob| globset::Glob::new(glob).ok()).any(|glob| glob.compile_matcher().is_match(path))
    };
    let mut files = BTreeMap::new();
    for file in form.get("file").and_then(Value::as_array).into_iter().flatten() {
        let path = file.get("name").and_then(Value::as_str).unwrap_or_default().trim_start_matches("./");
        // Static files are accepted, and are not there when the function runs.
        if !is_static(path) {
            files.insert(path.to_owned(), file.get("content").cloned().unwrap_or_default());
        }
    }
    if !files.contains_key(&entrypoint) {
        return Err(refuse(400, format!("Entrypoint path does not exist - {entrypoint}")));
    }
    Ok(Upload {
        import_map: import_map.map(|path| path.trim_start_matches("./").to_owned()),
        verify_jwt: flag(metadata, "verify_jwt")?,
        name: optional_text(metadata, "name")?.map(str::to_owned),
        entrypoint,
        files,
    })
}

fn flag(members: &Map<String, Value>, name: &str) -> Result<Option<bool>, Answer> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::Bool(on)) => Ok(Some(*on)),
        other => Err(expected(name, "boolean", other)),
    }
}

fn digest(files: &BTreeMap<String, Value>) -> String {
    let mut hash = Sha256::new();
    for (path, content) in files {
        hash.update(path);
        hash.update([0]);
        hash.update(form::bytes_of(content));
        hash.update([0]);
    }
    hex(&hash.finalize())
}

/// What a request says of a function beside its sources: as JSON, or in the query of a bundle.
fn facts(visit: &RequestContext<'_>) -> Result<(Map<String, Value>, Option<String>), Answer> {
    let bundle = visit.body.as_ref().and_then(|body| body.pointer("/bundle/sha256")).and_then(Value::as_str);
    if bundle.is_none() {
        return Ok((object(visit.body.as_ref())?.clone(), None));
    }
    let mut members = Map::new();
    for (name, value) in &visit.query {
        let value = match name.as_str() {
            "verify_jwt" | "import_map" => Value::Bool(value == "true"),
            _ => value.clone().into(),
        };
        members.insert(name.clone(), value);
    }
    Ok((members, bundle.map(str::to_owned)))
}

/// A path that a client tells, as it would be uploaded.
fn told_path(members: &Map<String, Value>, name: &str) -> Result<Option<String>, Answer> {
    let told = optional_text(members, name)?.filter(|path| !path.is_empty());
    Ok(told.map(|path| path.trim_start_matches("file://").rsplit("/source/").next().unwrap_or_default().to_owned()))
}

/// The older way to create one: a bundle, or one text.
pub(super) fn create(visit: &mut RequestContext<'_>) -> Answered {
    let (members, bundle) = facts(visit)?;
    let (now, reference) = (visit.now, visit.param("ref").to_owned());
    let slug = text(&members, "slug")?.to_owned();
    if !is_slug(&slug) {
        return Err(no_match("slug", SLUG));
    }
    let kept = keeps(visit, &slug);
    let (project, plan) = visit.project_and_plan()?;
    if project.functions.contains_key(&slug) {
        return Err(refuse(400, "Duplicated function slug"));
    }
    let most = catalogue::most(&plan, "function.max_count").unwrap_or(u64::MAX);
    if u64::try_from(project.functions.len()).unwrap_or(u64::MAX) >= most {
        return Err(refuse(402, format!("Max number of functions reached for project: {most}")));
    }
    let mut files = BTreeMap::new();
    let entrypoint = told_path(&members, "entrypoint_path")?.unwrap_or_else(|| "index.ts".to_owned());
    if bundle.is_none() {
        files.insert(entrypoint.clone(), text(&members, "body")?.into());
    }
    let function = Function {
        id: project.next_id(),
        name: optional_text(&members, "name")?.unwrap_or(&slug).to_owned(),
        version: 1,
        verify_jwt: flag(&members, "verify_jwt")?.unwrap_or(true),
        entrypoint_path: Some(entrypoint),
        import_map_path: told_path(&members, "import_map_path")?,
        ezbr_sha256: bundle.clone().unwrap_or_else(|| digest(&files)),
        bundle_only: bundle.is_some(),
        files,
        ghost: !kept,
        orphaned: false,
        created_ms: now,
        updated_ms: now,
        listed_from_ms: 0,
        listed_before: None,
    };
    let answered = shown(&reference, &slug, &function);
    project.functions.insert(slug, function);
    Ok(ok(201, answered))
}

/// Name and `verify_jwt` alone, or a new source with them.
pub(super) fn patch(visit: &mut RequestContext<'_>) -> Answered {
    let (members, bundle) = facts(visit)?;
    let (now, switches) = (visit.now, visit.switches.functions);
    let (name, verify) = (optional_text(&members, "name")?, flag(&members, "verify_jwt")?);
    let (entrypoint, import_map) = (told_path(&members, "entrypoint_path")?, told_path(&members, "import_map_path")?);
    let source = optional_text(&members, "body")?;
    let (reference, slug, function) = known(visit)?;
    if let Some(name) = name {
        name.clone_into(&mut function.name);
    }
    function.verify_jwt = verify.unwrap_or(function.verify_jwt);
    let deploys = bundle.is_some() || source.is_some();
    if let Some(bundle) = bundle {
        function.files.clear();
        (function.bundle_only, function.ezbr_sha256) = (true, bundle);
        function.import_map_path = import_map;
        function.entrypoint_path = entrypoint.or_else(|| function.entrypoint_path.take());
    }
    if let Some(source) = source {
        let path = function.entrypoint_path.clone().unwrap_or_else(|| "index.ts".to_owned());
        function.files = BTreeMap::from([(path, source.into())]);
        function.bundle_only = false;
        function.ezbr_sha256 = digest(&function.files);
    }
    if deploys || switches.patch_bumps_version {
        function.version += 1;
    }
    function.updated_ms = now;
    answer(shown(&reference, &slug, function))
}

/// The rows of bundles that were stored before.
pub(super) fn put(visit: &mut RequestContext<'_>) -> Answered {
    let (body, now, reference) = (visit.body.take(), visit.now, visit.param("ref").to_owned());
    let checks = visit.switches.functions.put_checks_sha;
    let mut rows = vec![];
    for (index, row) in items_of(body.as_ref())?.iter().enumerate() {
        let members = object(Some(row)).map_err(|_| expected(&index.to_string(), "object", Some(row)))?;
        let slug = text(members, "slug")?;
        if !is_slug(slug) {
            return Err(no_match(&format!("{index}.slug"), SLUG));
        }
        let Some(version) = members.get("version").and_then(Value::as_u64) else {
            return Err(expected(&format!("{index}.version"), "number", members.get("version")));
        };
        text(members, "id")?;
        text(members, "status")?;
        let name = text(members, "name")?;
        let told = optional_text(members, "ezbr_sha256")?;
        let verify = flag(members, "verify_jwt")?;
        let paths = (told_path(members, "entrypoint_path")?, told_path(members, "import_map_path")?);
        let function = visit.project()?.functions.get_mut(slug).ok_or_else(unknown)?;
        if checks && told.is_some_and(|told| told != function.ezbr_sha256) {
            return Err(refuse(400, format!("{index}.ezbr_sha256: does not match the bundle")));
        }
        name.clone_into(&mut function.name);
        function.version = u32::try_from(version).unwrap_or(u32::MAX);
        function.verify_jwt = verify.unwrap_or(function.verify_jwt);
        function.entrypoint_path = paths.0.or_else(|| function.entrypoint_path.take());
        function.import_map_path = paths.1.or_else(|| function.import_map_path.take());
        (function.ghost, function.orphaned, function.updated_ms) = (false, false, now);
        rows.push(shown(&reference, slug, function));
    }
    answer(json!({"functions": rows}))
}

pub(super) fn delete(visit: &mut RequestContext<'_>) -> Answered {
    let slug = visit.param("function_slug").to_owned();
    let kept = keeps(visit, &slug);
    known(visit)?;
    // Beside others, its row stays.
    if kept {
        visit.project()?.functions.remove(&slug);
    }
    answer(json!({"message": "ok"}))
}
