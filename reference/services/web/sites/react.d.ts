/** As much of React's types as the applications use: the packages bring none of their own. */
declare module 'react' {
  export type ReactNode = JSX.Element | string | number | boolean | null | undefined | readonly ReactNode[];
  export interface Happening<Target extends Element> extends Event {
    readonly currentTarget: Target & EventTarget;
    readonly target: Target & EventTarget;
    readonly key: string;
    readonly shiftKey: boolean;
    readonly metaKey: boolean;
    readonly ctrlKey: boolean;
  }
  export interface Attributes {
    readonly children?: ReactNode;
    readonly className?: string | undefined;
    readonly key?: string | number;
    readonly ref?: unknown;
    readonly onClick?: (event: Happening<HTMLElement>) => void;
    readonly onSubmit?: (event: Happening<HTMLFormElement>) => void;
    readonly onChange?: (event: Happening<HTMLInputElement>) => void;
    readonly onKeyDown?: (event: Happening<HTMLInputElement>) => void;
    readonly [attribute: string]: unknown;
  }
  export interface Ref<Value> {
    current: Value;
  }
  export type Context<Value> = (props: { readonly value: Value; readonly children: ReactNode }) => JSX.Element;
  export function createContext<Value>(initial: Value): Context<Value>;
  export function useContext<Value>(context: Context<Value>): Value;
  export function useState<Value>(
    initial: Value | (() => Value),
  ): [Value, (next: Value | ((before: Value) => Value)) => void];
  export function useState<Value = undefined>(): [
    Value | undefined,
    (next: Value | undefined | ((before: Value | undefined) => Value | undefined)) => void,
  ];
  export function useEffect(effect: () => unknown, inputs?: readonly unknown[]): void;
  export function useRef<Value>(initial: Value): Ref<Value>;
  export function useMemo<Value>(make: () => Value, inputs: readonly unknown[]): Value;
  export function useCallback<Work>(work: Work, inputs: readonly unknown[]): Work;
  export function useId(): string;
  export function useSyncExternalStore<Value>(subscribe: (changed: () => void) => () => void, read: () => Value): Value;
  export const StrictMode: (props: { readonly children: ReactNode }) => JSX.Element;
  export class Component<Props, State = object> {
    constructor(props: Props);
    readonly props: Props & { readonly children?: ReactNode };
    state: State;
    setState(next: Partial<State>): void;
    render(): ReactNode;
  }
  export namespace JSX {
    interface Element {
      readonly type: unknown;
    }
    type ElementType = string | ((props: never) => ReactNode) | (new (props: never) => ElementClass);
    interface ElementClass {
      render(): ReactNode;
    }
    interface ElementAttributesProperty {
      props: unknown;
    }
    interface ElementChildrenAttribute {
      children: unknown;
    }
    interface IntrinsicAttributes {
      readonly key?: string | number;
    }
    interface IntrinsicElements {
      readonly [name: string]: Attributes;
    }
  }
}

declare module 'react/jsx-runtime' {
  export { JSX } from 'react';
  export function jsx(...given: readonly unknown[]): unknown;
  export function jsxs(...given: readonly unknown[]): unknown;
  export const Fragment: (props: { readonly children?: import('react').ReactNode }) => import('react').JSX.Element;
}

declare module 'react-dom/client' {
  import type { ReactNode } from 'react';
  export function createRoot(element: Element): { render(node: ReactNode): void };
}

declare module '*.css';
