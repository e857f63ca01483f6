/** Questions between two threads: one side asks by name and gets a promise, the other answers with functions. */

/** The part of a MessagePort or Worker that is used. */
interface Port {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

interface Question {
  readonly ask: string;
  readonly id: number;
}
interface Answer {
  readonly answer: number;
  readonly value?: unknown;
  readonly failure?: string;
}

const isQuestion = (message: unknown): message is Question => typeof message === 'object' && message !== null && 'ask' in message;
const isAnswer = (message: unknown): message is Answer => typeof message === 'object' && message !== null && 'answer' in message;

export function createAsk(port: Port): (name: string) => Promise<unknown> {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let nextId = 1;
  port.on('message', (message) => {
    if (!isAnswer(message)) return;
    const question = waiting.get(message.answer);
    waiting.delete(message.answer);
    if (message.failure === undefined) question?.resolve(message.value);
    else question?.reject(new Error(message.failure));
  });
  return (name) => {
    const question = Promise.withResolvers<unknown>();
    const id = nextId++;
    waiting.set(id, question);
    port.postMessage({ ask: name, id } satisfies Question);
    return question.promise;
  };
}

export function answerQuestions(port: Port, answers: Readonly<Record<string, () => unknown>>): void {
  port.on('message', (message) => {
    if (!isQuestion(message)) return;
    Promise.try(answers[message.ask] ?? (() => Promise.reject(new Error(`nobody answers "${message.ask}"`)))).then(
      (value) => port.postMessage({ answer: message.id, value } satisfies Answer),
      (error: unknown) => port.postMessage({ answer: message.id, failure: error instanceof Error ? error.message : String(error) } satisfies Answer),
    );
  });
}
