/**
 * The option table: one row says all the library knows about one option.
 * Types, validation, diff, engine mapping, policy and docs are folds over rows.
 */
import type { Input } from "@pulumi/pulumi";
import type * as z from "zod";
import type { ContainerInfo, CreateRequest } from "../engine/types";
import type { Facts, Scope } from "../facts";
import type { Maker } from "./named";
import type { PluginSpec } from "./plugin";

/** What a changed value costs a live container. */
export type Change =
  /** `POST /containers/{id}/update` applies it. */
  | "in-place"
  /** Only a new container can have it. */
  | "replace"
  /** It steers the provider (a pull, a stop, a wait); the container never sees it. */
  | "record";

/** Where a Nomad job file holds an option of the task. */
export type Stanza =
  /** The driver's `config`. */
  | "config"
  /** The task itself. */
  | "task"
  /** The task's `resources`. */
  | "resources"
  /** Nowhere: the option is longshore's own. */
  | "none";

/** When the `${…}` in the texts of an option are filled in. */
export type Interpolated =
  /** When the program runs: others need to know the value before there is an allocation. */
  | "early"
  /** When the container is made. */
  | "late"
  /** The same, and what is the shell's, as `${HOME}` may be, stays as it is. */
  | "loosely"
  | "never";

/** Something that keeps a task apart from its engine's host, or does not. */
export type ExposureKind = "privileges" | "namespace" | "capability" | "runtime" | "path" | "device" | "confinement";

/** What a value gives its task of the engine's host, or takes away of what keeps the two apart. */
export interface Exposure {
  readonly kind: ExposureKind;
  /** By what a list allows it: `/etc`, `NET_ADMIN`. What stands in a text with `${…}` is not told apart. */
  readonly name: string;
  /** Where in the option it is written. */
  readonly at?: readonly PropertyKey[];
  /** Of a path: whether the task can write there. */
  readonly writable?: boolean;
}

/** Reads a file of the machine on which the program runs, as text. */
export type ReadFile = (path: string) => string;

/** A value with what was read for it, or why it could not be: words that complete the sentence "`option` …". */
export type Resolved<T> = { readonly value: T } | { readonly refused: string };

type Shape = Record<string, z.ZodType>;
type Values<S extends Shape> = z.output<z.ZodObject<S>>;
type Present<T extends z.ZodType> = NonNullable<z.output<T>>;

/** One row. `All` gives the values of the same group, defaults applied. */
export interface Option<T extends z.ZodType, All> {
  /** Type, bounds and default. */
  readonly schema: T;
  readonly change: Change;
  /**
   * Valid values, none the default. The first is shown in the reference; the laws and the real-engine tests
   * set the first, change to the next, and unset.
   */
  readonly examples: readonly [NonNullable<z.input<T>>, ...NonNullable<z.input<T>>[]];
  /** Values of neighbours without which the examples mean nothing, or are refused. */
  readonly with?: { readonly [K in keyof All]?: All[K] };
  /** The neighbour that writes this option's part of the request: the engine has one field for both. */
  readonly writtenBy?: keyof All;
  /** @default "config" */
  readonly stanza?: Stanza;
  /** The part of the create request this option alone writes. Asked when unset too. */
  readonly engine?: (value: z.output<T>, all: All, facts: Facts) => CreateRequest;
  /**
   * The same for an update of a live container, where it differs: the engine takes a zero or absent field
   * as "leave it as it is", so undoing needs a value of its own.
   */
  readonly update?: (value: z.output<T>, all: All, facts: Facts) => CreateRequest;
  /** Reads the value back from a live container; absent where a live container cannot change it. */
  readonly observe?: (info: ContainerInfo, facts: Facts) => z.output<T>;
  /** Why this value is refused here, or nothing. */
  readonly policy?: (value: Present<T>, all: All, scope: Scope) => string | undefined;
  /** What it gives the task of the engine's host, for the policies of those who review it (`longshore/policy`). */
  readonly exposes?: (value: Present<T>, all: All) => readonly Exposure[];
  /**
   * The value with what the operator gives or adds; a preview shows it as the task's own. Given its own result again,
   * it gives the same.
   */
  readonly inherit?: (value: z.output<T>, plugin: PluginSpec, all: All) => z.output<T>;
  /**
   * The value with the files that it names read into it, so that what they hold is part of it: a change of theirs is
   * a change of the option. Given its own result again, it gives the same.
   */
  readonly resolve?: (value: Present<T>, read: ReadFile) => Resolved<Present<T>>;
  /** The only kind of engine that has it: the other kind is never told, and refuses a value that says something. */
  readonly os?: "linux" | "windows";
  /** What only one container of an engine can have at a time, so that the old one has to go before the new one comes. */
  readonly exclusive?: (value: Present<T>, all: All) => readonly string[];
  /** @default "late" for an option of the driver's `config`, else "never" */
  readonly interpolated?: Interpolated;
  /** What takes its place. Set, it is accepted, and warned of. */
  readonly deprecated?: string;
  /** What its author may not think of it, though it is accepted: that it has no effect here, say. */
  readonly warns?: (value: Present<T>, all: All) => string | undefined;
  /** The resource that has it, where it is not the container's: the image is pulled once for many tasks. */
  readonly on?: "image";
  /** Another name that Nomad's files have for it. */
  readonly alias?: string;
  /** What this version does not act upon: the option, or these keys inside it. Set, it is accepted, and warned of. */
  readonly withoutEffect?: true | readonly string[];
  /** Nomad's old client options for it, each with the path of its value inside the option (`""`: the option itself). */
  readonly legacy?: Readonly<Record<string, string>>;
  /** What Nomad's API calls it, where that is not its name in capitals: `MemoryMB`. */
  readonly field?: string;
  /** The form in which two values are compared, where more than one says the same. */
  readonly canonical?: (value: Present<T>) => unknown;
  /** Never printed, and stored as a secret. */
  readonly secret?: true;
  /** The keys inside it that are kept apart from programs, in a config. */
  readonly credentials?: readonly string[];
  /** Never printed: some of its values may be secrets. */
  readonly unprinted?: true;
}

export type Rows<S extends Shape> = { readonly [K in keyof S]: Option<S[K], Values<S>> };

/** Declares one group of rows; their callbacks see only their own group's values. */
export const optionGroup = <S extends Shape>(rows: Rows<S>): Rows<S> => rows;

/** The canonical form of a list or map that says nothing when it is empty. */
export const unlessEmpty = <V extends object>(value: V): V | undefined =>
  Object.keys(value).length > 0 ? value : undefined;

/** What the folds need of a row; `any` stops here, rows themselves are fully typed. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyRow = Omit<Option<any, any>, "schema"> & { readonly schema: z.ZodType };
export type AnyRows = Readonly<Record<string, AnyRow>>;

/** The plain values a table describes, defaults applied. */
export type SpecOf<R extends AnyRows> = z.output<z.ZodObject<{ [K in keyof R]: R[K]["schema"] }>>;

/** An input whose every part may be an output of another resource, and whose names may be what makes the named. */
export type DeepInput<T> = Extract<T, Maker> | Input<Parts<Exclude<T, Maker>>>;
type Parts<T> = T extends readonly (infer E)[]
  ? readonly DeepInput<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepInput<Exclude<T[K], undefined>> | Extract<T[K], undefined> }
    : T;

type Written<R extends AnyRows, K extends keyof R> = DeepInput<NonNullable<z.input<R[K]["schema"]>>>;
type RequiredKey<R extends AnyRows> = {
  [K in keyof R]: undefined extends z.input<R[K]["schema"]> ? never : K;
}[keyof R];
// Homomorphic in `K`, like `Pick`: each row's comment stays the hover text of its property.
type Mandatory<R extends AnyRows, K extends keyof R> = { readonly [P in K]: Written<R, P> };
type Optional<R extends AnyRows, K extends keyof R> = { readonly [P in K]?: Written<R, P> | undefined };

type PlainMandatory<R extends AnyRows, K extends keyof R> = { readonly [P in K]: NonNullable<z.input<R[P]["schema"]>> };
type PlainOptional<R extends AnyRows, K extends keyof R> = { readonly [P in K]?: z.input<R[P]["schema"]> | undefined };

/** What a program may write for a table whose values shape the tree, and so must be known when the program runs. */
export type PlainPropsOf<R extends AnyRows> = PlainMandatory<R, RequiredKey<R>> &
  PlainOptional<R, Exclude<keyof R, RequiredKey<R>>>;

/** What a program may write for a table. */
export type PropsOf<R extends AnyRows> = Mandatory<R, RequiredKey<R>> & Optional<R, Exclude<keyof R, RequiredKey<R>>>;
