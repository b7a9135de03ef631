variable "name" {
  type = string
}

variable "cidr" {
  type = string
}

variable "private_subnets" {
  type = map(string)
}

variable "public_subnets" {
  type = map(string)
}

variable "tags" {
  type    = map(string)
  default = {}
}
