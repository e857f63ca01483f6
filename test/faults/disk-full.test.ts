/**
 * A disk without space, for real: a small file system in memory that only the collector's process sees, and a ballast file in
 * it. Needs Linux that lets a user mount in a namespace of his own; elsewhere the process's limit on file size stands in.
 */
