import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { type AnySchemaName, compile, isNumberBeyondDouble, resolverOf } from './compile.ts';
import { type Naming, type Problem, problemsOf, unreadable } from './problem.ts';

/** Says what is wrong with a value; an empty array when nothing is. Never throws, whatever the value. */
export type Check = (value: unknown) => Problem[];

const NO_PROBLEMS: Problem[] = [];
Object.freeze(NO_PROBLEMS);

const compiled = new Map<AnySchemaName, ValidateFunction>();

/** A check against one schema, compiled at its first use. A valid value costs no allocation. */
export function checkAgainst(name: AnySchemaName, naming: Naming = { prefix: '', whole: 'body' }): Check {
  let validate: ValidateFunction | undefined;
  return (value) => {
    validate ??= compileOnce(name);
    try {
      if (validate(value)) return NO_PROBLEMS;
      const errors = validate.errors ?? [];
      validate.errors = null; // the errors hold the value: let go of it
      return explain(name, errors, naming);
    } catch (error) {
      return [unreadable(error, naming)];
    }
  };
}

export function compileOnce(name: AnySchemaName): ValidateFunction {
  let validate = compiled.get(name);
  if (validate === undefined) {
    validate = compile(name);
    compiled.set(name, validate);
  }
  return validate;
}

function explain(name: AnySchemaName, errors: readonly ErrorObject[], naming: Naming): Problem[] {
  return problemsOf(
    errors.filter((error) => !isNumberBeyondDouble(name, error)),
    naming,
    resolverOf(name),
  );
}
