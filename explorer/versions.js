// What is in force, what comes next, and whether this node can run it.
import { element, fill, code } from './dom.js';
import { blocksAndTime, grouped } from './format.js';

export function showVersions(chain) {
  const { status, record, height, period } = chain;
  const framework = element(
    'article',
    {},
    element('h3', {}, 'framework'),
    element('strong', {}, String(BigInt(status.frameworkUpgrades) + 1n)),
    element('p', {}, 'code ', code(status.codeRoot)),
  );
  fill('components', [framework, ...status.versions.map((version) => card(version, height, period))]);
  const history = [...(record?.history ?? [])].reverse();
  fill(
    'history',
    history.length
      ? history.map((entry) =>
          element(
            'li',
            { class: entry.outcome.startsWith('refused') ? 'refused' : undefined },
            `block ${grouped(entry.height)}: ${entry.component}${entry.version === '0' ? '' : ` ${entry.version}`} – ${entry.outcome}`,
          ),
        )
      : [element('li', { class: 'quiet' }, 'nothing has changed since genesis')],
  );
}

function card(version, height, period) {
  const parts = [
    element('h3', {}, version.component),
    element('strong', {}, version.version, version.moduleName ? element('small', {}, ` ${version.moduleName}`) : null),
    element('p', {}, version.since === '0' ? 'since genesis' : `since block ${grouped(version.since)}`),
  ];
  if (version.scheduledVersion) {
    const at = BigInt(version.activationHeight);
    parts.push(
      element(
        'p',
        { class: 'next' },
        `${version.scheduledVersion} from block ${grouped(at)}: ${blocksAndTime(at - height, period)}`,
      ),
    );
  }
  if (version.probationUntil)
    parts.push(element('p', { class: 'quiet' }, `probation until block ${grouped(version.probationUntil)}`));
  parts.push(
    element(
      'p',
      { class: version.supported ? 'good' : 'bad' },
      version.supported ? 'this node is ready' : 'this node lacks it: get newer software',
    ),
  );
  return element(
    'article',
    { class: version.supported ? (version.scheduledVersion ? 'coming' : undefined) : 'lacking' },
    ...parts,
  );
}
