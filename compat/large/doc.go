// Package large moves an artifact of 5 GB through the server as a process of
// its own and watches that process's memory. It needs Linux and 6 GB of disk:
//
//	go test -tags compat ./compat/large/
package large
