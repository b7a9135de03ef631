variable "network" {
  type = any
}
