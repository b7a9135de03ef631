variable "team" {}

variable "name" {}
