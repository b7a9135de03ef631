variable "name" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_id" {
  type = string
}

variable "update_route_tables" {
  type    = bool
  default = false
}

variable "route_tables_ids" {
  type    = map(string)
  default = {}
}
