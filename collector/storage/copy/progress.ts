/** What a copy says while it goes on, such as "sessions 1200 of 5000". */
export type Say = (text: string) => void;
