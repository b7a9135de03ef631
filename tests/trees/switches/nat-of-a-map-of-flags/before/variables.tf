variable "project" {
  type = string
}

variable "env" {
  type = string
}

variable "nat" {
  type    = map(bool)
  default = {}
}
