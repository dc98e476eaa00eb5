/*
 * The application's steps.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DIFFERENTIAL_APPLICATION_H_
#define DIFFERENTIAL_APPLICATION_H_

#include "steps.h"

/* Does what the step says, if a correct application would do it now, and prints a line. */
void application_play(const struct step *step);

/* Closes what is open. */
void application_end(void);

#endif /* DIFFERENTIAL_APPLICATION_H_ */
